{{ config(materialized='view') }}
-- Where a rule has several rows over time, calibration improves the one valid today.
with

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

inactivity_rules as (
    select * from {{ ref('inactivity_rules') }}
),

begun as (
    select
        engagement_rules.rule_id,
        matches.event_type,
        engagement_rules.mode as hit_mode,
        coalesce(engagement_rules.decay, 'none') as decay,
        coalesce(engagement_rules.rule_group, '') as rule_group,
        engagement_rules.points,
        engagement_rules.decay_days,
        engagement_rules.decay_rate,
        row_number() over (
            partition by engagement_rules.rule_id
            order by engagement_rules.valid_from desc
        ) as place
    from engagement_rules
    inner join matches
        on engagement_rules.match_id = matches.match_id
    where engagement_rules.valid_from <= {{ as_of_date() }}
),

silences as (
    select
        rule_id,
        signal,
        points,
        row_number() over (
            partition by rule_id
            order by valid_from desc nulls last, points desc
        ) as place
    from inactivity_rules
    where coalesce(valid_from <= {{ as_of_date() }}, true)
),

united as (
    select
        rule_id,
        event_type,
        hit_mode,
        decay,
        rule_group,
        points,
        decay_days,
        decay_rate
    from begun
    where place = 1
    union all
    select
        rule_id,
        signal as event_type,
        'inactivity' as hit_mode,
        'none' as decay,
        '' as rule_group,
        points,
        cast(null as integer) as decay_days,
        cast(null as double) as decay_rate
    from silences
    where place = 1
)

select * from united
