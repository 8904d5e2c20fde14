{#- The other ref is declared by the pre-hook forget_touched_leads. -#}
{% macro match_days_to_rebuild() -%}
    {%- if is_incremental() -%}
        select * from {{ ref('int_lead_match_days_touched') }}
    {%- else -%}
        select * from {{ ref('int_lead_match_days') }}
    {%- endif -%}
{%- endmacro %}
