{#- A sum of doubles that should end in a half may come out a few last digits lower. The
    factor rounds it up too: otherwise the result would depend on the order of the sum.
    -#}
{% macro rounded(number, decimals) -%}
    (round(cast({{ number }} as double) * (1 + 2e-15), {{ decimals }}) + 0)
{%- endmacro %}
