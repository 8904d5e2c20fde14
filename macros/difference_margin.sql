{#- Newcombe (1998, method 10): the rates' own intervals, squared and added. -#}
{% macro difference_margin(rate, bound, other_rate, other_bound) -%}
    sqrt(
        power({{ rate }} - {{ bound }}, 2) + power({{ other_rate }} - {{ other_bound }}, 2)
    )
{%- endmacro %}
