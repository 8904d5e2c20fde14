-- A threshold rule hits the leads that reach it, not every lead with a single hit.
with

lead_outcomes as (
    select * from {{ ref('int_lead_outcomes') }}
),

lead_rule_points as (
    select * from {{ ref('int_lead_rule_points') }}
),

lead_engagement_points as (
    select * from {{ ref('int_lead_engagement_points') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

stage_signals as (
    select * from {{ ref('int_stage_signals') }}
),

thresholds as (
    select rule_id
    from engagement_rules
    group by rule_id
    having min(mode) = 'threshold'
),

reached as (
    select distinct
        lead_engagement_points.lead_key,
        engagement_rules.rule_id
    from lead_engagement_points
    inner join engagement_rules
        on lead_engagement_points.rule_key = engagement_rules.rule_key
    inner join thresholds
        on engagement_rules.rule_id = thresholds.rule_id
    where {{ reaches_threshold('lead_engagement_points.counted_hits') }}
),

hit as (
    select
        lead_key,
        score || ':' || rule_id as signal
    from lead_rule_points
    where
        score != 'engagement'
        or rule_id not in (select thresholds.rule_id from thresholds)
    union all
    select
        lead_key,
        'engagement:' || rule_id as signal
    from reached
),

united as (
    select
        'rule:' || cast(lead_outcomes.horizon_days as string) as topic,
        hit.signal,
        lead_outcomes.identity_key,
        lead_outcomes.is_converted as is_success
    from lead_outcomes
    inner join hit
        on lead_outcomes.lead_key = hit.lead_key
    union all
    select
        'stage:' || stage as topic,
        event_type || ':' || campaign_id as signal,
        identity_key,
        is_advanced as is_success
    from stage_signals
),

counted as (
    select
        topic,
        signal,
        identity_key,
        count(*) as rows_count,
        count(*) filter (where is_success) as successes_count
    from united
    group by topic, signal, identity_key
)

select * from counted
