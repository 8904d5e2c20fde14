{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='as_of_date',
) }}
-- A build replaces the weeks that it scored, and leaves older ones as they stood.
with

lead_scores as (
    select * from {{ ref('int_lead_scores') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
),

-- Among a sample there is no rank in the whole shop.
kept as (
    select
        lead_scores.lead_id,
        lead_scores.engagement_grade,
        lead_scores.fit_grade,
        lead_scores.stage,
        lead_scores.temperature,
        lead_scores.cell,
        lead_scores.next_action,
        lead_scores.price_tier,
        lead_scores.disqualified_reason,
        lead_scores.top_reason_1,
        lead_scores.top_reason_2,
        lead_scores.top_reason_3,
        lead_scores.engagement_points,
        lead_scores.engagement_score,
        lead_scores.fit_points,
        lead_scores.fit_score,
        lead_scores.stage_rank,
        lead_scores.lead_score,
        case when scoring_dates.sample_percent = 100 then lead_scores.score_rank end
            as score_rank,
        case when scoring_dates.sample_percent = 100 then lead_scores.score_percentile
        end as score_percentile,
        lead_scores.conversion_probability,
        lead_scores.orders_count,
        lead_scores.orders_amount,
        lead_scores.days_inactive,
        lead_scores.observed_days,
        lead_scores.is_disqualified,
        lead_scores.as_of_date,
        lead_scores.last_activity_date,
        lead_scores.last_order_date
    from lead_scores
    inner join scoring_dates
        on
            lead_scores.as_of_date = scoring_dates.as_of_date
            and lead_scores.sample_bucket < scoring_dates.sample_percent
    where scoring_dates.is_week_end
)

select * from kept
