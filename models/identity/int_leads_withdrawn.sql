-- By name: what earlier builds kept knows a lead by its lead_id alone.
with

leads as (
    select * from {{ ref('int_leads') }}
),

withdrawn as (
    select lead_id
    from leads
    where
        excluded_reason in ('erased', 'objected')
        and as_of_date = {{ as_of_date() }}
)

select * from withdrawn
