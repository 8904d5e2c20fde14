{#- No ref: the table is made later in the flow, by the build before this one. -#}
{% macro kept_rows(schema, table, columns) -%}
    {%- set kept = adapter.get_relation(this.database, schema, table) if execute -%}
    select
        {% for name, type in columns.items() -%}
            {{ name if kept else 'cast(null as ' ~ type ~ ') as ' ~ name }}
            {{- ',' if not loop.last }}
        {% endfor -%}
    {{ 'from ' ~ kept if kept else 'where 1 = 0' }}
{%- endmacro %}
