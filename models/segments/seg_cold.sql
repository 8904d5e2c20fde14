with

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

selected as (
    select
        lead_id,
        lead_score,
        days_inactive,
        is_known,
        last_activity_date
    from segmentable_leads
    where temperature = 'cold'
)

select * from selected
