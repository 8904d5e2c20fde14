{% macro stable_bucket(text) -%}
    {{ return(adapter.dispatch('stable_bucket', 'lead_scoring')(text)) }}
{%- endmacro %}

{% macro default__stable_bucket(text) -%}
    (cast('0x' || substr(md5({{ text }}), 1, 7) as bigint) % 100)
{%- endmacro %}

{% macro spark__stable_bucket(text) -%}
    (cast(conv(substr(md5({{ text }}), 1, 7), 16, 10) as bigint) % 100)
{%- endmacro %}
