{% macro nulls_last(columns) -%}
    {{ columns | join(' nulls last, ') }} nulls last
{%- endmacro %}
