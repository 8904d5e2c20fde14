{% macro setting(name) -%}
    (
        select max({{ stripped('value') }})
        from {{ ref('settings') }}
        where setting = '{{ name }}'
    )
{%- endmacro %}
