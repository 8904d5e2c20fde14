{% macro stable_bucket(text, buckets=100) -%}
    {{ return(adapter.dispatch('stable_bucket', 'lead_scoring')(text, buckets)) }}
{%- endmacro %}

{% macro default__stable_bucket(text, buckets) -%}
    (cast('0x' || substr(md5({{ text }}), 1, 7) as bigint) % {{ buckets }})
{%- endmacro %}

{% macro spark__stable_bucket(text, buckets) -%}
    (cast(conv(substr(md5({{ text }}), 1, 7), 16, 10) as bigint) % {{ buckets }})
{%- endmacro %}
