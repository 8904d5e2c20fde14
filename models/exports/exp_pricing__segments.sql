with

export_tiers as (
    select * from {{ ref('int_export_tiers') }}
),

export_versions as (
    select * from {{ ref('int_export_versions') }}
),

shown as (
    select
        export_tiers.export_id,
        export_tiers.segment,
        export_tiers.audience,
        export_tiers.price_tier,
        export_tiers.leads_count,
        export_versions.changed_at
    from export_tiers
    inner join export_versions
        on
            export_tiers.export_id = export_versions.export_id
            and export_versions.leaf = 'pricing_segments'
)

select * from shown
