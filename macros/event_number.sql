{% macro event_number(property) -%}
    case {{ property }}
        when 'quantity' then quantity
        when 'amount' then amount
        when 'dwell_seconds' then dwell_seconds
    end
{%- endmacro %}
