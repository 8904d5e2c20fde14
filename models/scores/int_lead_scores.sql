{{ config(materialized='view') }}
-- The words to a lead's numbers: few different ones, so they are joined and not kept.
with

lead_ranked as (
    select * from {{ ref('int_lead_ranked') }}
),

matrix_cells as (
    select * from {{ ref('int_matrix_cells') }}
),

lead_reasons as (
    select * from {{ ref('int_lead_reasons') }}
),

lead_probabilities as (
    select * from {{ ref('int_lead_probabilities') }}
),

explained as (
    select
        lead_ranked.lead_key,
        lead_ranked.identity_key,
        lead_ranked.lead_id,
        lead_ranked.engagement_grade,
        lead_ranked.fit_grade,
        lead_ranked.stage,
        lead_ranked.temperature,
        matrix_cells.cell,
        matrix_cells.next_action,
        matrix_cells.price_tier,
        lead_ranked.disqualified_reason,
        lead_reasons.top_reason_1,
        lead_reasons.top_reason_2,
        lead_reasons.top_reason_3,
        lead_ranked.engagement_points,
        lead_ranked.engagement_score,
        lead_ranked.fit_points,
        lead_ranked.fit_score,
        lead_ranked.stage_rank,
        lead_ranked.lead_score,
        lead_ranked.score_rank,
        lead_ranked.score_percentile,
        lead_probabilities.conversion_probability,
        lead_ranked.orders_count,
        lead_ranked.orders_amount,
        lead_ranked.days_inactive,
        lead_ranked.observed_days,
        lead_ranked.events_count,
        lead_ranked.sample_bucket,
        lead_ranked.is_disqualified,
        lead_ranked.as_of_date,
        lead_ranked.last_activity_date,
        lead_ranked.last_order_date
    from lead_ranked
    inner join matrix_cells
        on
            lead_ranked.fit_grade = matrix_cells.fit_grade
            and lead_ranked.engagement_grade = matrix_cells.engagement_grade
            and lead_ranked.stage = matrix_cells.stage
    left join lead_reasons
        on lead_ranked.lead_key = lead_reasons.lead_key
    left join lead_probabilities
        on lead_ranked.lead_key = lead_probabilities.lead_key
)

select * from explained
