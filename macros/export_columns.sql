{% macro export_columns(shape, prefix) -%}
    {%- for column in export_shapes()[shape] -%}
        {{ prefix ~ column }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
