{#- Run before a build: an empty landing zone, or no rows at all, is said in words. -#}
{% macro check_landing() -%}
    {%- if execute and flags.WHICH in ('build', 'run') -%}
        {%- if flags.EMPTY -%}
            {{ exceptions.raise_compiler_error(
                '--empty reads no settings, and nothing of what builds before this one '
                ~ 'read: build a small landing zone into another database instead'
            ) }}
        {%- endif -%}
        {{ return(adapter.dispatch('check_landing', 'lead_scoring')()) }}
    {%- endif -%}
{%- endmacro %}

{% macro default__check_landing() -%}
    {%- set landing = env_var('LEAD_SCORING_LANDING', var('landing_path')) -%}
    {%- set sources = graph.sources.values() | selectattr('name', 'equalto', 'events') -%}
    {%- if (sources | list)[0].meta.external_location is defined -%}
        select error(
            {{ text_literal('the landing zone ' ~ landing ~ ' is empty: ') }}
            || 'load files with scripts/load_landing.py, or make it with '
            || 'scripts/load_landing.py --init, '
            || 'also when all that was read has been moved away'
        )
        from (
            select count(*) as files_count
            from glob({{ text_literal(landing ~ '/events/*/*.parquet') }})
        )
        where files_count = 0
    {%- endif -%}
{%- endmacro %}

{% macro spark__check_landing() -%}
{%- endmacro %}
