-- Every segment's condition, on one page. `enters` lets a lead in; `stays` keeps it in,
-- so that leads close to a threshold do not enter and exit every day.
with

segment_candidates as (
    select * from {{ ref('int_segment_candidates') }}
),

met as (
    select
        lead_id,
        segment,
        case segment
            when 'hot_leads'
                then
                    is_known
                    and lead_score >= {{ setting_number('hot_min_score') }}
            when 'vip_customers'
                then
                    orders_count >= {{ setting_number('vip_min_orders') }}
                    and orders_amount >= {{ setting_number('vip_min_amount') }}
            when 'cart_abandoners'
                then
                    days_since_cart < {{ setting_number('cart_window_days') }}
                    and (last_order_at is null or last_order_at < last_cart_at)
            when 'at_risk'
                then
                    score_then >= {{ setting_number('at_risk_min_score') }}
                    and score_then - score_now
                    >= {{ setting_number('at_risk_min_drop') }}
            when 'high_score_few_orders'
                then
                    lead_score >= {{ setting_number('high_score_min') }}
                    and orders_count <= {{ setting_number('few_orders_max') }}
            when 'product_viewers'
                then
                    days_since_view < {{ setting_number('viewer_window_days') }}
                    and (last_cart_at is null or last_cart_at < last_product_view_at)
                    and coalesce(
                        least(days_since_cart, days_since_order)
                        >= {{ setting_number('viewer_window_days') }},
                        true
                    )
            when 'new_leads' then observed_days < {{ setting_number('new_lead_days') }}
            when 'lookalike_seed'
                then top_percent < {{ setting_number('lookalike_top_percent') }}
            when 'low_engagement'
                then
                    is_known
                    and days_inactive >= {{ setting_number('reactivate_min_days') }}
            when 'cold' then temperature = 'cold'
            when 'irrelevant' then is_disqualified
        end as enters,
        case segment
            when 'hot_leads'
                then
                    is_known
                    and lead_score >= {{ setting_number('hot_exit_score') }}
            when 'high_score_few_orders'
                then
                    lead_score >= {{ setting_number('high_score_exit') }}
                    and orders_count <= {{ setting_number('few_orders_max') }}
        end as stays,
        as_of_date
    from segment_candidates
),

judged as (
    select
        lead_id,
        segment,
        case when enters then 'in' else 'between' end as standing,
        as_of_date
    from met
    where enters or stays
)

select * from judged
