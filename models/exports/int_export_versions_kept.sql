-- What int_export_versions held before this build: a table, since not every engine lets
-- a table be replaced by what is read from it.
with

versions as (
    {{ export_versions_kept() }}
),

kept as (
    select
        leaf,
        export_id,
        lead_id,
        fingerprint,
        changed_at
    from versions
)

select * from kept
