{% macro forget_stale_rows() -%}
    {{ return(adapter.dispatch('forget_stale_rows', 'lead_scoring')()) }}
{%- endmacro %}

{#- Nothing counts as read under the current acceptance rules then, so the model reads
    all events again. -#}
{% macro default__forget_stale_rows() -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where not exists (
            select 1
            from {{ ref('int_reading_state') }} as state
            inner join {{ ref('int_reading') }} as reading
                on state.acceptance_id = reading.acceptance_id
            where state.model_name = '{{ this.identifier }}'
        )
    {%- endif -%}
{%- endmacro %}

{#- Spark can truncate a Parquet table but not delete rows: so first query, then
    truncate. -#}
{% macro spark__forget_stale_rows() -%}
    {%- set fresh -%}
        select count(*)
        from {{ ref('int_reading_state') }} as state
        inner join {{ ref('int_reading') }} as reading
            on state.acceptance_id = reading.acceptance_id
        where state.model_name = '{{ this.identifier }}'
    {%- endset -%}
    {%- if execute and is_incremental() and run_query(fresh).rows[0][0] == 0 -%}
        truncate table {{ this }}
    {%- endif -%}
{%- endmacro %}
