{% macro json_value(text, key) -%}
    {{ return(adapter.dispatch('json_value', 'lead_scoring')(text, key)) }}
{%- endmacro %}

{% macro default__json_value(text, key) -%}
    try(json_extract_string(
        {{ text }},
        '$."' || replace(replace({{ key }}, '\', '\\'), '"', '\"') || '"'
    ))
{%- endmacro %}

{#- get_json_object() does not find a key with an apostrophe or a question mark, nor any
    key of an object with the NaN that Python writes. -#}
{% macro spark__json_value(text, key) -%}
    from_json(
        {{ text }}, 'map<string, string>', map('allowSingleQuotes', 'false')
    )[{{ key }}]
{%- endmacro %}
