{#- What is kept of these leads is about to change, and stands again when it is noted after
    all of it: a run that ends between, or makes a part, is made up for by the next. -#}
{% macro open_touched_leads(table, touched=none) -%}
    {%- do ref('int_activity_basis') -%}
    {%- set kept = adapter.get_relation(this.database, this.schema, table) if execute -%}
    {{ forget_leads(kept, touched, 'update ' ~ kept ~ ' set links_id = null') if kept }}
{%- endmacro %}
