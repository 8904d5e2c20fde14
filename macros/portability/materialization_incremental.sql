{#- dbt-spark has no delete+insert, and Parquet no delete: rows are written beside, then the
    days they touch are overwritten or, if the key is no day, the table is exchanged. A run
    that is killed repeats itself: what it read is noted after it (note_reading). -#}
{% materialization incremental, adapter='spark' %}
    {%- set keys = (config.get('unique_key') or '').replace(' ', '').split(',') -%}
    {%- set existing = load_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is none or existing.is_view or should_full_refresh() -%}
        {%- do adapter.drop_relation(existing) if existing -%}
        {%- call statement('main') -%}
            {{ spark__table_by_day(this, sql, keys[0]) }}
        {%- endcall -%}
    {%- else -%}
        {%- set arrived = spark__beside('__arrived', sql) -%}
        {%- do process_schema_changes('fail', arrived, this) -%}
        {%- do spark__replace_rows(arrived, keys) -%}
        {%- do run_query('drop table ' ~ arrived) -%}
    {%- endif -%}
    {{ run_hooks(post_hooks) }}
    {{ return({'relations': [this]}) }}
{% endmaterialization %}

{% macro spark__beside(suffix, sql) -%}
    {%- set beside = this.incorporate(path={'identifier': this.identifier ~ suffix}) -%}
    {%- do run_query('drop table if exists ' ~ beside) -%}
    {%- do run_query('create table ' ~ beside ~ ' as ' ~ sql) -%}
    {{ return(beside) }}
{%- endmacro %}

{#- Spread by day, so that a day is one file and not one of each task. -#}
{% macro spark__table_by_day(relation, sql, key) -%}
    create table {{ relation }}
    {% if key.endswith('_date') -%}
        partitioned by ({{ key }})
        as select /*+ rebalance({{ key }}) */ * from ({{ sql }}) as made
    {%- else -%}
        as {{ sql }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__replace_rows(arrived, keys) -%}
    {%- set columns = adapter.get_columns_in_relation(this)
        | map(attribute='name') | join(', ') -%}
    {%- set same_keys = [] -%}
    {%- for key in keys if key -%}
        {%- do same_keys.append('kept.' ~ key ~ ' = arrived.' ~ key) -%}
    {%- endfor -%}
    {%- set rows -%}
        select {{ columns }} from {{ arrived }}
        union all
        select {{ columns }}
        from {{ this }} as kept
        where not exists (
            select 1 from {{ arrived }} as arrived
            where {{ same_keys | join(' and ') or 'false' }}
        )
    {%- endset -%}
    {%- if keys[0].endswith('_date') -%}
        {%- call statement('main') -%}
            insert overwrite {{ this }} partition ({{ keys[0] }})
            select /*+ rebalance({{ keys[0] }}) */ {{ columns }}
            from ({{ rows }}) as made
            where {{ keys[0] }} in (select {{ keys[0] }} from {{ arrived }})
        {%- endcall -%}
    {%- else -%}
        {%- set whole = spark__beside('__whole', rows) -%}
        {%- do run_query('drop table ' ~ this) -%}
        {%- call statement('main') -%}
            alter table {{ whole }} rename to {{ this }}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}
