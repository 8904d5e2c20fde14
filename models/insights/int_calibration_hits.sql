{{ config(materialized='view') }}
-- What decays has a row for each age; what a lead has or has not, one hit of age 0.
-- Nothing is learnt from leads that are not tested.
with

lead_outcomes as (
    select * from {{ ref('int_lead_outcomes') }}
),

lead_rule_days as (
    select * from {{ ref('int_lead_rule_days') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

calibration_rules as (
    select * from {{ ref('int_calibration_rules') }}
),

lead_rule_points as (
    select * from {{ ref('int_lead_rule_points') }}
),

lead_match_days as (
    select * from {{ ref('int_lead_match_days') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

event_types as (
    select * from {{ ref('event_types') }}
),

earned as (
    select distinct matches.event_type
    from engagement_rules
    inner join matches
        on engagement_rules.match_id = matches.match_id
    where matches.property is null
),

each_hit as (
    select
        lead_rule_days.lead_key,
        engagement_rules.rule_id as hit_name,
        'each' as kind,
        {{ days_between('lead_rule_days.event_date', 'lead_rule_days.as_of_date') }}
            as age_days,
        lead_rule_days.counted_hits as hits
    from lead_rule_days
    inner join engagement_rules
        on lead_rule_days.rule_key = engagement_rules.rule_key
    where engagement_rules.mode = 'each' and lead_rule_days.counted_hits > 0
),

once as (
    select
        lead_rule_points.lead_key,
        calibration_rules.rule_id as hit_name,
        'once' as kind,
        0 as age_days,
        1 as hits
    from lead_rule_points
    inner join calibration_rules
        on
            lead_rule_points.rule_id = calibration_rules.rule_id
            and calibration_rules.hit_mode != 'each'
    where lead_rule_points.score = 'engagement' and lead_rule_points.points != 0
),

unearned as (
    select
        lead_match_days.lead_key,
        matches.event_type as hit_name,
        'candidate' as kind,
        {{ days_between('lead_match_days.event_date', 'lead_match_days.as_of_date') }}
            as age_days,
        cast(sum(lead_match_days.hits) as bigint) as hits
    from lead_match_days
    inner join matches
        on lead_match_days.match_id = matches.match_id and matches.property is null
    inner join event_types
        on matches.event_type = event_types.event_type and event_types.is_activity
    where
        lead_match_days.hits > 0
        and matches.event_type not in (select earned.event_type from earned)
    group by
        lead_match_days.lead_key,
        matches.event_type,
        lead_match_days.event_date,
        lead_match_days.as_of_date
),

united as (
    select * from each_hit
    union all
    select * from once
    union all
    select * from unearned
),

tested as (
    select
        lead_key,
        hit_name,
        kind,
        hits,
        age_days
    from united
    where lead_key in (select lead_outcomes.lead_key from lead_outcomes)
)

select * from tested
