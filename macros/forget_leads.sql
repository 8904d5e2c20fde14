{#- forget: the statement up to its `where`; by default a delete. -#}
{% macro forget_leads(kept, touched, forget=none) -%}
    {%- if run_query('select is_stale from ' ~ ref('int_activity_basis')).rows[0][0] -%}
        truncate table {{ kept }}
    {%- elif touched -%}
        {{ forget or 'delete from ' ~ kept }}
        where lead_key in (select lead_key from {{ touched }})
    {%- endif -%}
{%- endmacro %}
