with

lead_outcomes as (
    select * from {{ ref('int_lead_outcomes') }}
),

lead_rule_points as (
    select * from {{ ref('int_lead_rule_points') }}
),

stage_signals as (
    select * from {{ ref('int_stage_signals') }}
),

united as (
    select
        'rule:' || cast(lead_outcomes.horizon_days as string) as topic,
        lead_rule_points.score || ':' || lead_rule_points.rule_id as signal,
        lead_outcomes.identity_key,
        lead_outcomes.is_converted as is_success
    from lead_outcomes
    inner join lead_rule_points
        on lead_outcomes.lead_key = lead_rule_points.lead_key
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
