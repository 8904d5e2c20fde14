{#- For an import CTE that is read more than once, over a large table. -#}
{% macro inlined() -%}
    {{ return(adapter.dispatch('inlined', 'lead_scoring')()) }}
{%- endmacro %}

{#- Otherwise DuckDB would hold all rows and columns of the CTE in memory. -#}
{% macro default__inlined() -%}
    not materialized
{%- endmacro %}

{#- Spark inlines by itself. -#}
{% macro spark__inlined() -%}
{%- endmacro %}
