-- changed_at moves exactly when a value that the leaf shows changes. Fails when a leaf
-- gets a column that export_shapes lacks, so that a sync would never see a change in
-- it, or lacks one that is listed there.
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
