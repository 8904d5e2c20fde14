{#- The first that dbt asks of a warehouse, before on-run-start: a name that would end in
    an error of SQL is refused here, too. -#}
{% macro list_schemas(database) -%}
    {{ check_database() }}
    {{ return(adapter.dispatch('list_schemas', 'dbt')(database)) }}
{%- endmacro %}
