{#- What is kept of these leads is about to change, and stands again when it is noted after
    all of it: a run that ends between, or makes a part, is made up for by the next. -#}
{% macro open_touched_leads(table) -%}
    {%- set basis = ref('int_activity_basis') -%}
    {%- set kept = adapter.get_relation(this.database, this.schema, table) if execute -%}
    {%- if kept and run_query('select is_stale from ' ~ basis).rows[0][0] -%}
        truncate table {{ kept }}
    {%- elif kept and table == 'int_lead_links_kept' -%}
        delete from {{ kept }} where lead_key in (select lead_key from {{ this }})
    {%- endif -%}
{%- endmacro %}
