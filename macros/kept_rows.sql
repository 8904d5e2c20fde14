{#- No ref: the table is made later in the flow, by the build before this one. One that an
    older version of the project made, with other columns, holds nothing to go by. -#}
{% macro kept_rows(schema, table, columns) -%}
    {%- set kept = adapter.get_relation(this.database, schema, table) if execute -%}
    {%- set found = adapter.get_columns_in_relation(kept) | map(attribute='name') | list
        if kept else [] -%}
    {%- set kept = kept if columns.keys() | reject('in', found) | list == [] -%}
    select
        {% for name, type in columns.items() -%}
            {{ name if kept else 'cast(null as ' ~ type ~ ') as ' ~ name }}
            {{- ',' if not loop.last }}
        {% endfor -%}
    {{ 'from ' ~ kept if kept else 'where 1 = 0' }}
{%- endmacro %}
