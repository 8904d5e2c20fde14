{#- Replaced in one statement, as tables are. The view names no catalogue, so that in a
    copy of the warehouse, attached under any name, it reads the copy's tables. Only
    when the file has the name of a schema does it keep the catalogue, to be
    unambiguous. -#}
{% materialization view, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(sql) -%}
    {%- endif -%}
    {%- set catalogue = this.include(schema=false, identifier=false) ~ '.' -%}
    {%- set schemas = graph.nodes.values() | map(attribute='schema') -%}
    {%- call statement('main') -%}
        {% if existing is not none and not existing.is_view -%}
            drop table {{ existing }};
        {%- endif %}
        create or replace view {{ this }} as (
            {{ sql if this.database in schemas else sql | replace(catalogue, '') }}
        )
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [this.incorporate(type='view')]}) }}
{% endmaterialization %}
