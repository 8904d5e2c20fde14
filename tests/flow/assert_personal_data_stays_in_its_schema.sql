-- No table outside schema personal has a column that names a person or tells where they
-- live. Fails when a join carries one along. Views hold nothing.
-- depends_on: {{ ref('fct_segment_members') }}
-- depends_on: {{ ref('fct_events_rejected') }}
-- depends_on: {{ ref('fct_lead_rule_points') }}
{%- set personal = [
    'email', 'phone', 'first_name', 'last_name', 'gender', 'birth_date', 'city',
    'postal_code', 'company', 'job_title', 'properties',
] %}
{%- set tables = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
    | selectattr('config.materialized', 'in', ['table', 'incremental'])
    | rejectattr('schema', 'equalto', 'personal') | list if execute else [] %}
{%- for table in tables %}
    {%- set relation = api.Relation.create(table.database, table.schema, table.alias) %}
    {%- for column in adapter.get_columns_in_relation(relation) %}
        {%- if column.name | lower in personal %}
            select '{{ relation }}, column {{ column.name }}' as message
            union all
        {%- endif %}
    {%- endfor %}
{%- endfor %}
select cast(null as {{ dbt.type_string() }}) as message
where 1 = 0
