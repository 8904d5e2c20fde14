{% macro forget_stale_rows() -%}
    {{ return(adapter.dispatch('forget_stale_rows', 'lead_scoring')()) }}
{%- endmacro %}

{#- The model then finds nothing read under the current acceptance rules and reads all. -#}
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

{#- Parquet can be emptied, but no rows of it be deleted: asked first, then emptied. -#}
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
