{#- Amounts as they are added up: a rule knows no currency, and refunds come with either
    sign. -#}
{% macro event_number(property) -%}
    case {{ property }}
        when 'quantity' then quantity
        when 'amount' then shop_amount
        when 'dwell_seconds' then dwell_seconds
    end
{%- endmacro %}
