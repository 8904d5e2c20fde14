{#- Runs before a build. -#}
{% macro open_landing() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {{ return(adapter.dispatch('open_landing', 'lead_scoring')()) }}
    {%- endif -%}
{%- endmacro %}

{#- DuckDB queries read the files directly. -#}
{% macro default__open_landing() -%}
{%- endmacro %}

{#- A table over the files, recreated so that it knows the columns of the newest ones.
    It lists files, not partitions, so that a load need not register anything. -#}
{% macro spark__open_landing() -%}
    {%- set landing = env_var('LEAD_SCORING_LANDING', '') or var('landing_path') -%}
    {%- for source in graph.sources.values() if source.meta.external_location is defined -%}
        {%- do run_query('create schema if not exists ' ~ source.schema) -%}
        {%- do run_query('drop table if exists ' ~ source.relation_name) -%}
        {%- do run_query(
            'create table ' ~ source.relation_name ~ ' using parquet options ('
            ~ 'path "' ~ landing ~ '/' ~ source.name
            ~ '", recursiveFileLookup "true", mergeSchema "true")'
        ) -%}
    {%- endfor -%}
{%- endmacro %}
