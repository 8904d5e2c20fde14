{#- In hundredths of a percent, because 1 % of a very large shop is already many leads.
    -#}
{% macro sample_bucket(name) -%}
    cast({{ stable_bucket("'sample:' || " ~ name, 10000) }} as double) / 100
{%- endmacro %}
