{{ config(materialized='view') }}
with

lead_scores as (
    select * from {{ ref('int_lead_scores') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
),

best_customers as (
    select * from {{ ref('int_best_customers') }}
),

joined as (
    select
        lead_scores.lead_key,
        lead_scores.lead_id,
        lead_scores.stage,
        lead_scores.temperature,
        lead_scores.next_action,
        lead_scores.top_reason_1,
        lead_scores.disqualified_reason,
        lead_scores.lead_score,
        lead_scores.engagement_score,
        lead_scores.orders_count,
        lead_scores.orders_amount,
        lead_scores.days_inactive,
        lead_scores.observed_days,
        {{ days_between(
            'lead_scores.last_order_date', 'lead_scores.as_of_date'
        ) }} as days_since_order,
        {{ days_between(
            local_date('lead_scores.last_cart_at'), 'lead_scores.as_of_date'
        ) }} as days_since_cart,
        {{ days_between(
            local_date('lead_scores.last_product_view_at'), 'lead_scores.as_of_date'
        ) }} as days_since_view,
        best_customers.top_percent,
        lead_scores.is_known,
        lead_scores.is_disqualified,
        lead_scores.as_of_date,
        lead_scores.last_activity_date,
        lead_scores.last_order_at,
        lead_scores.last_cart_at,
        lead_scores.last_product_view_at
    from lead_scores
    inner join scoring_dates
        on
            lead_scores.as_of_date = scoring_dates.as_of_date
            and scoring_dates.is_segment_day
    left join best_customers
        on lead_scores.lead_key = best_customers.lead_key
)

select * from joined
