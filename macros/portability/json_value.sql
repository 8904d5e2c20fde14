{% macro json_value(text, key) -%}
    {{ return(adapter.dispatch('json_value', 'lead_scoring')(text, key)) }}
{%- endmacro %}

{% macro default__json_value(text, key) -%}
    try(json_extract_string(
        {{ text }},
        '$."' || replace(replace({{ key }}, '\', '\\'), '"', '\"') || '"'
    ))
{%- endmacro %}

{#- get_json_object() finds no key with an apostrophe or a question mark, nor any beside
    the NaN that Python writes. -#}
{% macro spark__json_value(text, key) -%}
    from_json(
        {{ text }}, 'map<string, string>', map('allowSingleQuotes', 'false')
    )[{{ key }}]
{%- endmacro %}
