{#- dbt-spark has no delete+insert, and Parquet no delete: rows are written beside, then the
    partitions they touch (a date, a name) are overwritten or, without any, the table is
    exchanged. A run that is killed repeats itself: what it read is noted after it. -#}
{% materialization incremental, adapter='spark' %}
    {%- set keys = (config.get('unique_key') or '').replace(' ', '').split(',') -%}
    {%- set part = keys[0] if keys[0].endswith(('_date', '_name')) -%}
    {%- set existing = load_relation(this) -%}
    {{ run_hooks(pre_hooks) }}
    {%- if existing is none or existing.is_view or should_full_refresh() -%}
        {%- do adapter.drop_relation(existing) if existing -%}
        {%- call statement('main') -%}
            {{ spark__table_of_parts(this, sql, part) }}
        {%- endcall -%}
    {%- else -%}
        {%- set arrived = spark__beside('__arrived', sql) -%}
        {%- do process_schema_changes('fail', arrived, this) -%}
        {%- do spark__replace_rows(arrived, keys, part) -%}
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

{#- Spread by partition, so that a day is one file and not one of each task. -#}
{% macro spark__table_of_parts(relation, sql, part) -%}
    create table {{ relation }}
    {% if part -%}
        partitioned by ({{ part }})
        as select /*+ rebalance({{ part }}) */ * from ({{ sql }}) as made
    {%- else -%}
        as {{ sql }}
    {%- endif -%}
{%- endmacro %}

{% macro spark__replace_rows(arrived, keys, part) -%}
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
    {%- if part -%}
        {%- call statement('main') -%}
            insert overwrite {{ this }} partition ({{ part }})
            select /*+ rebalance({{ part }}) */ {{ columns }}
            from ({{ rows }}) as made
            where {{ part }} in (select {{ part }} from {{ arrived }})
        {%- endcall -%}
    {%- else -%}
        {%- set whole = spark__beside('__whole', rows) -%}
        {%- do run_query('drop table ' ~ this) -%}
        {%- call statement('main') -%}
            alter table {{ whole }} rename to {{ this }}
        {%- endcall -%}
    {%- endif -%}
{%- endmacro %}
