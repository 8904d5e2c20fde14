with

export_rows as (
    select * from {{ ref('int_export_rows') }}
),

export_versions as (
    select * from {{ ref('int_export_versions') }}
),

shown as (
    select
        export_rows.export_id,
        export_rows.lead_id,
        export_rows.segment,
        export_rows.audience,
        {{ export_columns('mailchimp', 'export_rows.') }},
        export_rows.entered_on,
        export_versions.changed_at
    from export_rows
    inner join export_versions
        on
            export_rows.destination = export_versions.leaf
            and export_rows.export_id = export_versions.export_id
    where export_rows.destination = 'mailchimp'
)

select * from shown
