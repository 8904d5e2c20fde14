with

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

selected as (
    select
        lead_id,
        top_reason_1,
        lead_score,
        orders_count,
        last_activity_date
    from segmentable_leads
    where
        lead_score >= {{ setting_number('high_score_min') }}
        and orders_count <= {{ setting_number('few_orders_max') }}
)

select * from selected
