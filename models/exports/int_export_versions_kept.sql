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

leads as (
    select * from {{ ref('int_leads') }}
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
            select leads.lead_id
            from leads
            where leads.excluded_reason = 'erased'
        )
)

select * from kept
