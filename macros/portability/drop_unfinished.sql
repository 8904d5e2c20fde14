{#- Runs before a build. -#}
{% macro drop_unfinished() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {{ return(adapter.dispatch('drop_unfinished', 'lead_scoring')()) }}
    {%- endif -%}
{%- endmacro %}

{#- DuckDB rolls back what a killed build did not commit. -#}
{% macro default__drop_unfinished() -%}
{%- endmacro %}

{#- The tables of spark__written_beside() have names that no other run uses. -#}
{% macro spark__drop_unfinished() -%}
    {%- set nodes = graph.nodes.values() -%}
    {%- set made = run_query('show schemas').columns[0].values() -%}
    {%- for schema in nodes | selectattr('resource_type', 'eq', 'model')
        | map(attribute='schema') | unique if schema in made -%}
        {%- set left = " like '*__whole__*|*__arrived__*'" -%}
        {%- for table in run_query('show tables in ' ~ schema ~ left).rows -%}
            {%- do run_query('drop table ' ~ schema ~ '.' ~ table['tableName']) -%}
        {%- endfor -%}
    {%- endfor -%}
{%- endmacro %}
