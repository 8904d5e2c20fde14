{#- A sum of doubles may end a few last digits below a half: that is a half too, or the
    order of the sum would decide, and the engine. -#}
{% macro rounded(number, decimals) -%}
    (round(cast({{ number }} as double) * (1 + 2e-15), {{ decimals }}) + 0)
{%- endmacro %}
