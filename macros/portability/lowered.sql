{#- Each letter on its own, whatever is next to it: one letter in, one letter out. -#}
{% macro lowered(text) -%}
    {{ return(adapter.dispatch('lowered', 'lead_scoring')(text)) }}
{%- endmacro %}

{% macro default__lowered(text) -%}
    lower({{ text }})
{%- endmacro %}

{#- Spark turns a dotted İ into two letters, and a Σ at the end of a word into ς. -#}
{% macro spark__lowered(text) -%}
    lower(translate({{ text }}, 'İΣ', 'iσ'))
{%- endmacro %}
