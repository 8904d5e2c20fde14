{% macro setting_number(name) -%}
    cast({{ setting(name) }} as integer)
{%- endmacro %}
