with

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

selected as (
    select
        lead_id,
        lead_score,
        is_known,
        last_product_view_at
    from segmentable_leads
    where
        {{ days_between(local_date('last_product_view_at'), 'as_of_date') }}
        < {{ setting_number('viewer_window_days') }}
        and (last_cart_at is null or last_cart_at < last_product_view_at)
        and coalesce(
            {{ days_between(local_date('last_cart_at'), 'as_of_date') }}
            >= {{ setting_number('viewer_window_days') }},
            true
        )
        and coalesce(
            {{ days_between(local_date('last_order_at'), 'as_of_date') }}
            >= {{ setting_number('viewer_window_days') }},
            true
        )
)

select * from selected
