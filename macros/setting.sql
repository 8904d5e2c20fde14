{% macro setting(name) -%}
    (
        select max(value)
        from {{ ref('settings') }}
        where setting = '{{ name }}'
    )
{%- endmacro %}
