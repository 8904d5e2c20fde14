{#- Several rows of one lead say less than rows of different leads. This is the number
    of independent rows that would give the rate the variance seen between leads (Rao
    and Scott, 1992). -#}
{% macro effective_count(rate, row_sum, row_squares, products, success_squares) -%}
    case
        when {{ rate }} > 0 and {{ rate }} < 1
            then least(
                {{ row_sum }},
                {{ rate }} * (1 - {{ rate }}) * {{ row_sum }} * {{ row_sum }}
                / greatest(1e-9, (
                    {{ success_squares }}
                    - 2 * {{ rate }} * {{ products }}
                    + {{ rate }} * {{ rate }} * {{ row_squares }}
                ))
            )
        else {{ row_sum }} * {{ row_sum }} / nullif({{ row_squares }}, 0)
    end
{%- endmacro %}
