{% macro replaces_leads() -%}
    {{ return(adapter.dispatch('replaces_leads', 'lead_scoring')()) }}
{%- endmacro %}

{% macro default__replaces_leads() -%}
    true
{%- endmacro %}

{#- Parquet can be emptied, but no rows of it be deleted. -#}
{% macro spark__replaces_leads() -%}
    false
{%- endmacro %}
