{#- A hundred years: what is more overflows the engines' dates. -#}
{% macro most_days() -%}
    {{ return(36500) }}
{%- endmacro %}
