{{ config(materialized='view') }}
with

lead_scores as (
    select * from {{ ref('int_lead_scores') }}
),

of_today as (
    select
        lead_id,
        engagement_grade,
        fit_grade,
        stage,
        temperature,
        cell,
        next_action,
        price_tier,
        disqualified_reason,
        top_reason_1,
        top_reason_2,
        top_reason_3,
        engagement_points,
        engagement_score,
        fit_points,
        fit_score,
        stage_rank,
        lead_score,
        score_rank,
        score_percentile,
        conversion_probability,
        orders_count,
        orders_amount,
        days_inactive,
        observed_days,
        is_disqualified,
        as_of_date,
        last_activity_date,
        last_order_date
    from lead_scores
    where as_of_date = {{ as_of_date() }}
)

select * from of_today
