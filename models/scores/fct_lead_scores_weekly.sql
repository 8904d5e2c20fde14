{{ config(materialized='view') }}
-- Leads that must not be scored any more are left out of past weeks, too.
with

lead_scores_kept as (
    select * from {{ ref('int_lead_scores_kept') }}
),

identifiers_withdrawn as (
    select * from {{ ref('int_identifiers_withdrawn') }}
),

listed as (
    select
        lead_scores_kept.lead_id,
        lead_scores_kept.engagement_grade,
        lead_scores_kept.fit_grade,
        lead_scores_kept.stage,
        lead_scores_kept.temperature,
        lead_scores_kept.cell,
        lead_scores_kept.next_action,
        lead_scores_kept.price_tier,
        lead_scores_kept.disqualified_reason,
        lead_scores_kept.top_reason_1,
        lead_scores_kept.top_reason_2,
        lead_scores_kept.top_reason_3,
        lead_scores_kept.engagement_points,
        lead_scores_kept.engagement_score,
        lead_scores_kept.fit_points,
        lead_scores_kept.fit_score,
        lead_scores_kept.stage_rank,
        lead_scores_kept.lead_score,
        lead_scores_kept.score_rank,
        lead_scores_kept.score_percentile,
        lead_scores_kept.conversion_probability,
        lead_scores_kept.orders_count,
        lead_scores_kept.orders_amount,
        lead_scores_kept.days_inactive,
        lead_scores_kept.observed_days,
        lead_scores_kept.is_disqualified,
        lead_scores_kept.as_of_date,
        lead_scores_kept.last_activity_date,
        lead_scores_kept.last_order_date
    from lead_scores_kept
    left join identifiers_withdrawn
        on lead_scores_kept.lead_id = identifiers_withdrawn.lead_id
    where
        identifiers_withdrawn.lead_id is null
        and lead_scores_kept.lead_id != ''
        and lead_scores_kept.as_of_date <= {{ as_of_date() }}
)

select * from listed
