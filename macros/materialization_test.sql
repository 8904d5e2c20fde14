{#- A failing test that returns a column `message` prints it instead of only a count.
    Tests only read: without dbt's transaction around each, every test saves two
    statements. -#}
{% materialization test, default %}
    {%- if should_store_failures() -%}
        {{ return(dbt.materialization_test_default()) }}
    {%- endif -%}
    {%- set failed = get_limit_subquery_sql(sql, config.get('limit')) -%}
    {%- call statement('main', fetch_result=true, auto_begin=false) -%}
        {{ get_test_sql(
            failed, config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), none
        ) }}
    {%- endcall -%}
    {%- set failures = load_result('main').table.rows[0][0] -%}
    {%- if failures and 'as message' in sql -%}
        {%- set rows = run_query('select message from (' ~ sql ~ ') as failed order by 1 limit 20') -%}
        {%- for row in rows.rows -%}
            {{ log('  ' ~ row[0], info=true) }}
        {%- endfor -%}
        {#- dbt repeats an error at the end, and prints it with --quiet. -#}
        {%- if config.get('severity') | lower == 'error' -%}
            {{ exceptions.raise_compiler_error(
                rows.columns[0].values() | join('\n')
            ) }}
        {%- endif -%}
    {%- endif -%}
    {{ return({'relations': []}) }}
{% endmaterialization %}
