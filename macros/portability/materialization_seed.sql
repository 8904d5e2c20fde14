{#- dbt keeps a seed's table and fills it by position: swapped columns would take each
    other's values, and a wrong header would be noticed only on the first build. Here
    every build makes the table from the file. -#}
{% materialization seed, adapter='duckdb' %}
    {%- set rows = seed_rows() -%}
    {{ run_hooks(pre_hooks) }}
    {%- call statement('main') -%}
        create or replace table {{ this }} as {{ rows }}
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}

{% materialization seed, adapter='spark' %}
    {%- set rows = seed_rows() -%}
    {{ run_hooks(pre_hooks) }}
    {%- do spark__exchange(spark__written_beside('whole', rows)) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this]}) }}
{% endmaterialization %}
