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

{#- Files cannot be deleted from: overwriting every partition does the same. -#}
{% macro spark__forget_stale_rows() -%}
{%- endmacro %}
