{#- Its logarithm is finite; the bounds are those of scikit-learn's log_loss. -#}
{% macro proper_share(share) -%}
    least(greatest({{ share }}, 2.220446049250313e-16), 1 - 2.220446049250313e-16)
{%- endmacro %}
