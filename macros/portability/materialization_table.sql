{#- dbt-duckdb builds a second table, renames twice and drops the old one. DuckDB can
    replace a table in one statement of the transaction: just as safe when a build is
    killed and for readers, with a third of the statements. -#}
{% materialization table, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set rows = sql -%}
    {{ run_hooks(pre_hooks) }}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(sql) -%}
        {%- set rows = get_select_subquery(sql) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {% if existing is not none and existing.is_view -%}
            drop view {{ existing }};
        {%- endif %}
        create or replace table {{ this }} as (
            {{ rows }}
        )
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [this.incorporate(type='table')]}) }}
{% endmaterialization %}

{#- dbt-spark drops a table before it makes the new one: meanwhile there is no table,
    and Spark would never again create one in a folder where a killed build left files.
    -#}
{% materialization table, adapter='spark' %}
    {{ run_hooks(pre_hooks) }}
    {%- set rows = sql -%}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(sql) -%}
        {%- set rows = get_select_subquery(sql) -%}
    {%- endif -%}
    {%- do spark__exchange(spark__written_beside('whole', rows)) -%}
    {%- do persist_docs(this, model) -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this]}) }}
{% endmaterialization %}
