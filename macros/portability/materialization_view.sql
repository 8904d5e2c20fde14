{#- As tables are made: in place of the one before, in one statement. -#}
{% materialization view, adapter='duckdb' %}
    {%- set existing = load_cached_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if config.get('contract').enforced -%}
        {%- do get_assert_columns_equivalent(sql) -%}
    {%- endif -%}
    {%- call statement('main') -%}
        {% if existing is not none and not existing.is_view -%}
            drop table {{ existing }};
        {%- endif %}
        create or replace view {{ this }} as (
            {{ sql }}
        )
    {%- endcall -%}
    {{ run_hooks(post_hooks) }}
    {%- do adapter.commit() -%}
    {{ return({'relations': [this.incorporate(type='view')]}) }}
{% endmaterialization %}
