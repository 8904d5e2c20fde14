{#- The refs stand outside the condition: dbt looks for them when it knows no tables. -#}
{% macro forget_touched_leads() -%}
    {%- set touched = ref('int_leads_touched') -%}
    {%- do [ref('int_activity_basis'), ref('int_lead_match_days_touched')] -%}
    {%- if execute and is_incremental() -%}
        {{ forget_leads(this, touched) }}
    {%- endif -%}
{%- endmacro %}
