{#- The converted amount (shop_amount): rules know no currency, and refunds arrive with
    either sign. -#}
{% macro event_number(property) -%}
    case {{ property }}
        when 'quantity' then quantity
        when 'amount' then shop_amount
        when 'dwell_seconds' then dwell_seconds
    end
{%- endmacro %}
