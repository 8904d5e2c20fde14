{% macro local_date(timestamp) -%}
    {#- Converting costs more than everything else done to a row: skip it for UTC. -#}
    {%- if var('timezone') == 'UTC' -%}
        {{ return('cast(' ~ timestamp ~ ' as date)') }}
    {%- endif -%}
    {{ return(adapter.dispatch('local_date', 'lead_scoring')(timestamp)) }}
{%- endmacro %}

{% macro default__local_date(timestamp) -%}
    cast(timezone('{{ var("timezone") }}', timezone('UTC', {{ timestamp }})) as date)
{%- endmacro %}

{% macro spark__local_date(timestamp) -%}
    cast(from_utc_timestamp({{ timestamp }}, '{{ var("timezone") }}') as date)
{%- endmacro %}
