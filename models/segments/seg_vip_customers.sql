with

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

selected as (
    select
        lead_id,
        lead_score,
        orders_count,
        orders_amount,
        last_activity_date
    from segmentable_leads
    where
        orders_count >= {{ setting_number('vip_min_orders') }}
        and orders_amount >= {{ setting_number('vip_min_amount') }}
)

select * from selected
