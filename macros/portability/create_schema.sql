{#- dbt makes missing schemas before it runs on-run-start, so a name under which none can
    be made is refused here, too. -#}
{% macro create_schema(relation) -%}
    {{ check_database() }}
    {{ adapter.dispatch('create_schema', 'dbt')(relation) }}
{%- endmacro %}
