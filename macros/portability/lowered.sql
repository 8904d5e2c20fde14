{#- Each letter by itself, whatever stands beside it: one letter in, one letter out. -#}
{% macro lowered(text) -%}
    {{ return(adapter.dispatch('lowered', 'lead_scoring')(text)) }}
{%- endmacro %}

{% macro default__lowered(text) -%}
    lower({{ text }})
{%- endmacro %}

{#- Spark makes two letters of a dotted İ, and another of a Σ that ends a word. -#}
{% macro spark__lowered(text) -%}
    lower(translate({{ text }}, 'İΣ', 'iσ'))
{%- endmacro %}
