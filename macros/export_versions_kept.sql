{#- Asked by name: the model that makes the table reads what this one copies of it. -#}
{% macro export_versions_kept() -%}
    {%- set versions = adapter.get_relation(
        this.database, this.schema, 'int_export_versions'
    ) if execute -%}
    select
        cast(null as string) as leaf,
        cast(null as string) as export_id,
        cast(null as string) as lead_id,
        cast(null as string) as fingerprint,
        cast(null as timestamp) as changed_at
    where 1 = 0
    {%- if versions %}
    union all
    select
        leaf,
        export_id,
        lead_id,
        fingerprint,
        changed_at
    from {{ versions }}
    {%- endif %}
{%- endmacro %}
