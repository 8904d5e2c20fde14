{#- What is kept of these leads is about to change, and is valid again only once the end
    of the run has recorded it. So when a run is killed, or builds only some of the
    models, the next run recomputes these leads. -#}
{% macro open_touched_leads(table, touched=none) -%}
    {%- do ref('int_activity_basis') -%}
    {%- set kept = adapter.get_relation(this.database, this.schema, table) if execute -%}
    {{ forget_leads(kept, touched, 'update ' ~ kept ~ ' set links_id = null') if kept }}
{%- endmacro %}
