{#- dbt-spark drops a table before it makes the new one: there is none meanwhile, and where
    a killed build left files Spark would make no table ever again. -#}
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
