{% macro json_value(text, key) -%}
    {{ return(adapter.dispatch('json_value', 'lead_scoring')(text, key)) }}
{%- endmacro %}

{% macro default__json_value(text, key) -%}
    try(json_extract_string({{ text }}, '$."' || {{ key }} || '"'))
{%- endmacro %}

{% macro spark__json_value(text, key) -%}
    get_json_object({{ text }}, concat('$[\'', {{ key }}, '\']'))
{%- endmacro %}
