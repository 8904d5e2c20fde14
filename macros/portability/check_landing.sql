{#- Runs before a build, so that an empty landing zone, or dbt's --empty, gets a
    message. -#}
{% macro check_landing() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- if flags.EMPTY -%}
            {{ exceptions.raise_compiler_error(
                '--empty reads no settings, and nothing of what earlier builds read: '
                ~ 'build a small landing zone into another database instead'
            ) }}
        {%- endif -%}
        {%- set landing = env_var('LEAD_SCORING_LANDING', '') or var('landing_path') -%}
        {%- set sources = graph.sources.values() | selectattr('name', 'equalto', 'events') -%}
        {%- set events = sources | first -%}
        {%- if events.meta.external_location is defined -%}
            {%- if modules.re.search('[][*?{}\\\\]', landing) -%}
                {{ exceptions.raise_compiler_error('the landing zone ' ~ landing ~ ' '
                    ~ 'cannot be read: its path may hold none of * ? [ ] { } \\') }}
            {%- endif -%}
            {{ return(adapter.dispatch('check_landing', 'lead_scoring')(
                landing, events.schema, 'the landing zone ' ~ landing ~ ' is empty: load '
                ~ 'files with scripts/load_landing.py, or make it with scripts/'
                ~ 'load_landing.py --init, also when all that was read has been moved away'
            )) }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}

{% macro default__check_landing(landing, schema, message) -%}
    select error({{ text_literal(message) }})
    from (
        select count(*) as files_count
        from glob({{ text_literal(landing ~ '/events/*/*.parquet') }})
    )
    where files_count = 0
{%- endmacro %}

{#- Spark can list files of any folder, but fails to read Parquet where there is none.
    -#}
{% macro spark__check_landing(landing, schema, message) -%}
    {%- set files = schema ~ '.landing_files' -%}
    {%- do run_query('create schema if not exists ' ~ schema) -%}
    {%- do run_query('drop table if exists ' ~ files) -%}
    {%- do run_query(
        'create table ' ~ files ~ ' (path string, modificationTime timestamp, '
        ~ 'length bigint, content binary) using binaryFile options (path "' ~ landing
        ~ '/events", recursiveFileLookup "true", pathGlobFilter "*.parquet")'
    ) -%}
    {%- set found = run_query('select count(path) from ' ~ files).columns[0][0] -%}
    {%- do run_query('drop table ' ~ files) -%}
    {%- if found == 0 -%}
        {{ exceptions.raise_compiler_error(message) }}
    {%- endif -%}
{%- endmacro %}
