{#- For an import CTE that is read more than once, when what it reads is large. -#}
{% macro inlined() -%}
    {{ return(adapter.dispatch('inlined', 'lead_scoring')()) }}
{%- endmacro %}

{#- DuckDB would keep all rows and columns of it in memory. -#}
{% macro default__inlined() -%}
    not materialized
{%- endmacro %}

{#- Spark inlines by itself. -#}
{% macro spark__inlined() -%}
{%- endmacro %}
