with

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

selected as (
    select
        lead_id,
        lead_score,
        is_known,
        last_cart_at,
        last_order_at
    from segmentable_leads
    where
        {{ days_between(local_date('last_cart_at'), 'as_of_date') }}
        < {{ setting_number('cart_window_days') }}
        and (last_order_at is null or last_order_at < last_cart_at)
)

select * from selected
