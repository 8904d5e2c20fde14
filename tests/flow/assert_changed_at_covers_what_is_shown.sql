-- What makes changed_at move is what the leaf shows of a lead, all of it and nothing
-- else. Fails when a leaf gets a column that export_shapes lacks, so that a sync would
-- never be told of a change in it, or lacks one that is there.
-- depends_on: {{ ref('int_export_versions') }}
{%- set key = ['export_id', 'lead_id', 'segment', 'changed_at'] %}
{%- set shapes = export_shapes() %}
{%- set leaves = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
    | selectattr('columns.export_id', 'defined')
    | selectattr('columns.lead_id', 'defined') | list if execute else [] %}
{%- for leaf in leaves %}
    {%- set destination = leaf.name[4:].split('__')[0] %}
    {%- set dated = ['audience', 'entered_on']
        + shapes.get(destination, shapes['contacts']) %}
    {%- for column in leaf.columns if column not in key + dated %}
        select '{{ leaf.name }} shows {{ column }}: add it to export_shapes' as message
        union all
    {%- endfor %}
    {%- for column in dated if column not in leaf.columns %}
        select '{{ leaf.name }} does not show {{ column }}' as message
        union all
    {%- endfor %}
{%- endfor %}
select cast(null as {{ dbt.type_string() }}) as message
where 1 = 0
