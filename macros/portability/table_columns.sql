{% macro table_columns(relations) -%}
    {{ return(adapter.dispatch('table_columns', 'lead_scoring')(relations)) }}
{%- endmacro %}

{% macro default__table_columns(relations) -%}
    {%- for relation in relations -%}
        {%- for column in adapter.get_columns_in_relation(relation) %}
            select
                '{{ relation.schema }}.{{ relation.identifier }}' as table_name,
                '{{ column.name | lower }}' as column_name
            union all
        {%- endfor %}
    {%- endfor %}
    select
        cast(null as {{ dbt.type_string() }}) as table_name,
        cast(null as {{ dbt.type_string() }}) as column_name
    where 1 = 0
{%- endmacro %}

{#- One query instead of one for each table, which dbt takes a second for. -#}
{% macro duckdb__table_columns(relations) -%}
    select
        table_schema || '.' || table_name as table_name,
        lower(column_name) as column_name
    from information_schema.columns
    where table_catalog = '{{ this.database }}'
        and table_schema || '.' || table_name in (
            {%- for relation in relations -%}
                '{{ relation.schema }}.{{ relation.identifier }}',
            {%- endfor -%}
            ''
        )
{%- endmacro %}
