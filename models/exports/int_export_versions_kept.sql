-- What int_export_versions held before this build: a table, since not every engine lets
-- a table be replaced by what is read from it. Of an erased person nothing is kept.
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
