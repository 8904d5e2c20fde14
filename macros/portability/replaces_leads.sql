{% macro replaces_leads() -%}
    {{ return(adapter.dispatch('replaces_leads', 'lead_scoring')()) }}
{%- endmacro %}

{% macro default__replaces_leads() -%}
    true
{%- endmacro %}

{#- Spark can truncate a Parquet table but not delete rows. -#}
{% macro spark__replaces_leads() -%}
    false
{%- endmacro %}
