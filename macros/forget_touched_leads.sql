{#- The refs are outside the condition because dbt collects them while it parses, when
    the condition is false. -#}
{% macro forget_touched_leads() -%}
    {%- set touched = ref('int_leads_touched') -%}
    {%- do [ref('int_activity_basis'), ref('int_lead_match_days_touched')] -%}
    {%- if execute and is_incremental() -%}
        {{ forget_leads(this, touched) }}
    {%- endif -%}
{%- endmacro %}
