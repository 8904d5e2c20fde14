{% macro text_literal(text) -%}
    {{ return(adapter.dispatch('text_literal', 'lead_scoring')(text)) }}
{%- endmacro %}

{% macro default__text_literal(text) -%}
    '{{ text | replace("'", "''") }}'
{%- endmacro %}

{#- Spark reads `${name}` as a variable of its own, or of the process, also in a text. -#}
{% macro spark__text_literal(text) -%}
    '{{ text | replace("\\", "\\\\") | replace("'", "\\'")
        | replace("$", "\\u0024") }}'
{%- endmacro %}
