{{ config(materialized='view') }}
with

lead_engagement_points as (
    select * from {{ ref('int_lead_engagement_points') }}
),

lead_group_losses as (
    select * from {{ ref('int_lead_group_losses') }}
),

lead_span_points as (
    select * from {{ ref('int_lead_span_points') }}
),

lead_inactivity_points as (
    select * from {{ ref('int_lead_inactivity_points') }}
),

lead_fit_points as (
    select * from {{ ref('int_lead_fit_points') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

united as (
    select
        lead_engagement_points.lead_key,
        'engagement' as score,
        engagement_rules.rule_id,
        lead_engagement_points.hits,
        lead_engagement_points.counted_hits,
        lead_engagement_points.raw_points,
        lead_engagement_points.cap_loss,
        lead_engagement_points.reset_loss,
        lead_engagement_points.decay_loss,
        coalesce(lead_group_losses.group_loss, 0) as group_loss,
        coalesce(lead_group_losses.points, lead_engagement_points.points) as points
    from lead_engagement_points
    inner join engagement_rules
        on
            lead_engagement_points.rule_key = engagement_rules.rule_key
            and engagement_rules.spans_count = 1
    left join lead_group_losses
        on
            lead_engagement_points.lead_key = lead_group_losses.lead_key
            and lead_engagement_points.rule_key = lead_group_losses.rule_key
    union all
    select
        lead_key,
        'engagement' as score,
        rule_id,
        hits,
        counted_hits,
        raw_points,
        cap_loss,
        reset_loss,
        decay_loss,
        group_loss,
        points
    from lead_span_points
    union all
    select
        lead_key,
        'engagement' as score,
        rule_id,
        1 as hits,
        1 as counted_hits,
        points as raw_points,
        0 as cap_loss,
        0 as reset_loss,
        0 as decay_loss,
        0 as group_loss,
        points
    from lead_inactivity_points
    union all
    select
        lead_key,
        'fit' as score,
        rule_id,
        1 as hits,
        1 as counted_hits,
        raw_points,
        0 as cap_loss,
        0 as reset_loss,
        0 as decay_loss,
        group_loss,
        points
    from lead_fit_points
)

select * from united
