{% macro setting(name) -%}
    (select max(trim(value)) from {{ ref('settings') }} where setting = '{{ name }}')
{%- endmacro %}
