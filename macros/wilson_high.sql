{% macro wilson_high(rate, number) -%}
    {%- set z = '1.959963984540054' -%}
    least(1, (
        {{ rate }} + {{ z }} * {{ z }} / (2 * {{ number }})
        + {{ z }} * sqrt(
            {{ rate }} * (1 - {{ rate }}) / {{ number }}
            + {{ z }} * {{ z }} / (4 * {{ number }} * {{ number }})
        )
    ) / (1 + {{ z }} * {{ z }} / {{ number }}))
{%- endmacro %}
