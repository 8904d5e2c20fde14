{% macro rounded(number, decimals) -%}
    round(cast({{ number }} as double), {{ decimals }})
{%- endmacro %}
