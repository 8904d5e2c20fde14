-- What int_export_versions held before this build. It is a table because not every
-- engine can replace a table with a query that reads it. Erased persons are dropped.
with

versions as (
    {{ kept_rows('exports', 'int_export_versions', {
        'leaf': 'string',
        'export_id': 'string',
        'lead_id': 'string',
        'fingerprint': 'string',
        'changed_at': 'timestamp',
    }) }}
),

identifiers_withdrawn as (
    select * from {{ ref('int_identifiers_withdrawn') }}
),

kept as (
    select
        leaf,
        export_id,
        lead_id,
        fingerprint,
        changed_at
    from versions
    where
        coalesce(lead_id, '') not in (
            select identifiers_withdrawn.lead_id
            from identifiers_withdrawn
            where identifiers_withdrawn.reason = 'erased'
        )
)

select * from kept
