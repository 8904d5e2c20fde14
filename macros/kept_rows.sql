{#- No ref, which would be a cycle: the table comes later in the flow, and these are the
    rows of the build before this one. A table with other columns, from an older version
    of the project, counts as empty. -#}
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
