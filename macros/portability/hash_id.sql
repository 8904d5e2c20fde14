{% macro hash_id(columns) -%}
    {{ return(adapter.dispatch('hash_id', 'lead_scoring')(columns)) }}
{%- endmacro %}

{#- DuckDB's hash() is a hundred times faster than md5 but may change between versions:
    int_reading.acceptance_id is made with it, so another hash re-reads everything. -#}
{% macro default__hash_id(columns) -%}
    cast(hash({{ columns | join(', ') }}) >> 1 as bigint)
{%- endmacro %}

{#- xxhash64() skips nulls. -#}
{% macro spark__hash_id(columns) -%}
    xxhash64(
        {%- for column in columns -%}
            {{ column }}, {{ column }} is null{{ ', ' if not loop.last }}
        {%- endfor -%}
    )
{%- endmacro %}
