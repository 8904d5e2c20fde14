{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='as_of_date',
) }}
-- A build replaces the weeks that it scored, and leaves older weeks as they are.
with

lead_scores as (
    select * from {{ ref('int_lead_scores') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
),

weeks as (
    select {{ spaced_date(as_of_date(), '7', 'numbers.number') }} as as_of_date
    from {{ numbers_below(setting_number('history_weeks')) }} as numbers
),

-- A sample gives no rank in the whole shop. A week without a known lead in the sample
-- has a row without a lead, which replaces what an earlier build wrote for the week.
kept as (
    select
        coalesce(lead_scores.lead_id, '') as lead_id,
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
        weeks.as_of_date,
        lead_scores.last_activity_date,
        lead_scores.last_order_date
    from weeks
    left join scoring_dates
        on weeks.as_of_date = scoring_dates.as_of_date
    left join lead_scores
        on
            scoring_dates.as_of_date = lead_scores.as_of_date
            and scoring_dates.sample_percent > lead_scores.sample_bucket
)

select * from kept
