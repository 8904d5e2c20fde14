{#- ASCII text has as many bytes as characters. -#}
{% macro is_ascii(text) -%}
    {{ return(adapter.dispatch('is_ascii', 'lead_scoring')(text)) }}
{%- endmacro %}

{% macro default__is_ascii(text) -%}
    (length({{ text }}) = strlen({{ text }}))
{%- endmacro %}

{% macro spark__is_ascii(text) -%}
    (length({{ text }}) = octet_length({{ text }}))
{%- endmacro %}
