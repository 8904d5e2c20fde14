with

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

selected as (
    select
        lead_id,
        next_action,
        top_reason_1,
        lead_score,
        orders_count,
        last_activity_date
    from segmentable_leads
    where
        is_known
        and lead_score >= {{ setting_number('hot_min_score') }}
)

select * from selected
