{#- A failing test that returns a column `message` says it, instead of only counting. -#}
{% materialization test, default %}
    {%- set relations = dbt.materialization_test_default() -%}
    {%- set failures = load_result('main').table.rows[0][0] -%}
    {%- if failures and 'as message' in sql -%}
        {%- set rows = run_query('select message from (' ~ sql ~ ') as failed limit 20') -%}
        {%- for row in rows.rows -%}
            {{ log('  ' ~ row[0], info=true) }}
        {%- endfor -%}
    {%- endif -%}
    {{ return(relations) }}
{% endmaterialization %}
