{#- The refs stand outside the condition: dbt looks for them when it knows no tables. -#}
{% macro forget_touched_leads() -%}
    {%- set basis = ref('int_activity_basis') -%}
    {%- set touched = ref('int_leads_touched') -%}
    {%- do ref('int_lead_match_days_touched') -%}
    {%- if execute and is_incremental() -%}
        {%- if run_query('select is_stale from ' ~ basis).rows[0][0] -%}
            truncate table {{ this }}
        {%- else -%}
            delete from {{ this }} where lead_key in (select lead_key from {{ touched }})
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
