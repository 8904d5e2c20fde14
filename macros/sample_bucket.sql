{#- Hundredths of a percent: a hundredth of a very large shop is a large sample. -#}
{% macro sample_bucket(name) -%}
    cast({{ stable_bucket("'sample:' || " ~ name, 10000) }} as double) / 100
{%- endmacro %}
