-- No table outside schema personal has a column that names a person or says where they
-- live. Fails when a join carries one along, and when no table was looked at: the refs
-- below make sure that there are some. Views store nothing.
-- depends_on: {{ ref('fct_segment_members') }}
-- depends_on: {{ ref('fct_events_rejected') }}
{%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
    | selectattr('config.materialized', 'in', ['table', 'incremental'])
    | rejectattr('schema', 'equalto', 'personal') | list if execute else [] %}
{%- set tables = [] %}
{%- for model in models %}
    {%- set place = [model.database, model.schema, model.alias] %}
    {%- do tables.append(api.Relation.create(*place)) %}
{%- endfor %}
with

tables as (
    {%- for table in tables %}
        select '{{ table.schema }}.{{ table.identifier }}' as table_name
        union all
    {%- endfor %}
    select cast(null as {{ dbt.type_string() }}) as table_name
    where 1 = 0
),

table_columns as (
    {{ table_columns(tables) }}
),

looked_at as (
    select
        tables.table_name,
        coalesce(table_columns.column_name, 'none found') as column_name
    from tables
    left join table_columns
        on tables.table_name = table_columns.table_name
)

select table_name || ', column ' || column_name as message
from looked_at
where
    (column_name = 'none found' and table_name = 'segments.fct_segment_members')
    or column_name in (
        'email', 'phone', 'first_name', 'last_name', 'gender',
        'birth_date', 'city', 'postal_code', 'company', 'job_title', 'properties'
    )
