with

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

selected as (
    select
        lead_id,
        engagement_score,
        orders_count,
        days_inactive,
        last_activity_date
    from segmentable_leads
    where
        is_known
        and days_inactive >= {{ setting_number('reactivate_min_days') }}
)

select * from selected
