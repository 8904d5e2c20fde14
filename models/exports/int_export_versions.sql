-- A row that left its leaf is kept without a fingerprint, so that no changed_at is used
-- twice.
with

export_rows as (
    select * from {{ ref('int_export_rows') }}
),

export_tiers as (
    select * from {{ ref('int_export_tiers') }}
),

export_versions_kept as (
    select * from {{ ref('int_export_versions_kept') }}
),

export_moment as (
    select * from {{ ref('int_export_moment') }}
),

found as (
    select
        destination as leaf,
        export_id,
        lead_id,
        {{ export_fingerprint() }} as fingerprint
    from export_rows
    union all
    select
        'pricing_segments' as leaf,
        export_id,
        cast(null as string) as lead_id,
        {{ fingerprint(['audience', 'leads_count']) }} as fingerprint
    from export_tiers
),

compared as (
    select
        coalesce(found.leaf, export_versions_kept.leaf) as leaf,
        coalesce(found.export_id, export_versions_kept.export_id) as export_id,
        coalesce(found.lead_id, export_versions_kept.lead_id) as lead_id,
        found.fingerprint,
        case
            when
                coalesce(found.fingerprint, '')
                = coalesce(export_versions_kept.fingerprint, '')
                then export_versions_kept.changed_at
        end as kept_changed_at
    from found
    full outer join export_versions_kept
        on
            found.leaf = export_versions_kept.leaf
            and found.export_id = export_versions_kept.export_id
),

dated as (
    select
        compared.leaf,
        compared.export_id,
        compared.lead_id,
        compared.fingerprint,
        coalesce(compared.kept_changed_at, export_moment.moment_at) as changed_at
    from compared
    cross join export_moment
)

select * from dated
