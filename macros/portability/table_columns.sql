{% macro table_columns(relations) -%}
    {{ return(adapter.dispatch('table_columns', 'lead_scoring')(relations)) }}
{%- endmacro %}

{#- As values: a union of one query per column overflows Spark's stack. -#}
{% macro default__table_columns(relations) -%}
    {%- set rows = ['(null, null)'] -%}
    {%- for relation in relations -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do rows.append(
                "('" ~ relation.schema ~ '.' ~ relation.identifier ~ "', '"
                ~ column.name | lower ~ "')"
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    select
        cast(listed.table_name as {{ dbt.type_string() }}) as table_name,
        cast(listed.column_name as {{ dbt.type_string() }}) as column_name
    from (values {{ rows | join(', ') }}) as listed (table_name, column_name)
    where listed.table_name is not null
{%- endmacro %}

{#- One query for all tables; dbt takes a second if there is one per table. -#}
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
