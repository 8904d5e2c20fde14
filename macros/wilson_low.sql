{#- The score interval of Wilson (1927), which also works at rates of 0 and 1. -#}
{% macro wilson_low(rate, number) -%}
    {%- set z = '1.959963984540054' -%}
    greatest(0, (
        {{ rate }} + {{ z }} * {{ z }} / (2 * {{ number }})
        - {{ z }} * sqrt(
            {{ rate }} * (1 - {{ rate }}) / {{ number }}
            + {{ z }} * {{ z }} / (4 * {{ number }} * {{ number }})
        )
    ) / (1 + {{ z }} * {{ z }} / {{ number }}))
{%- endmacro %}
