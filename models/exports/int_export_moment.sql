-- Later than every earlier changed_at: a sync that continues from the last one it saw
-- misses nothing, even rows that change without a load (new rules, a replayed day).
with

reading as (
    select * from {{ ref('int_reading') }}
),

contacts as (
    select * from {{ ref('stg_landing__contacts') }}
),

contact_attributes as (
    select * from {{ ref('stg_landing__contact_attributes') }}
),

consents as (
    select * from {{ ref('stg_landing__consents') }}
),

erasure_requests as (
    select * from {{ ref('stg_landing__erasure_requests') }}
),

export_versions_kept as (
    select * from {{ ref('int_export_versions_kept') }}
),

moments as (
    select max(read_until) as moment_at from reading
    union all
    select max(loaded_at) as moment_at from contacts
    union all
    select max(loaded_at) as moment_at from contact_attributes
    union all
    select max(loaded_at) as moment_at from consents
    union all
    select max(loaded_at) as moment_at from erasure_requests
    union all
    select max(changed_at) + interval '1' second as moment_at
    from export_versions_kept
),

newest as (
    select max(moment_at) as moment_at
    from moments
)

select * from newest
