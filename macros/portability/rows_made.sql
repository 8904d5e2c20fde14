{% macro rows_made(keys) -%}
    {{ return(adapter.dispatch('rows_made', 'lead_scoring')(keys)) }}
{%- endmacro %}

{#- dbt keeps the rows of an incremental run in a temporary table until it disconnects.
    -#}
{% macro default__rows_made(keys) -%}
    {%- set unique_key = (config.get('unique_key') or '').replace(' ', '').split(',') -%}
    {%- set others = unique_key | reject('in', keys) | list -%}
    {%- if others or not is_incremental() -%}
        {{ return(this) }}
    {%- endif -%}
    {%- set added = run_query(
        "select max(table_name) from duckdb_tables() where temporary"
        ~ " and starts_with(table_name, '" ~ this.identifier ~ "__dbt_tmp')"
    ).rows[0][0] -%}
    (select * from {{ this }} semi join {{ added }} using ({{ unique_key | join(', ') }}))
{%- endmacro %}

{% macro spark__rows_made(keys) -%}
    {{ this }}
{%- endmacro %}
