{% macro export_columns(destination, prefix) -%}
    {%- set shapes = export_shapes() -%}
    {%- for column in shapes.get(destination, shapes['contacts']) -%}
        {{ prefix ~ column }}{{ ',\n        ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
