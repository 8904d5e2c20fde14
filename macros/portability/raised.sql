{% macro raised(message) -%}
    {{ return(adapter.dispatch('raised', 'lead_scoring')(message)) }}
{%- endmacro %}

{% macro default__raised(message) -%}
    error({{ message }})
{%- endmacro %}

{% macro spark__raised(message) -%}
    raise_error({{ message }})
{%- endmacro %}
