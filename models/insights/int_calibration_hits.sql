{{ config(materialized='view') }}
-- Hits that can decay have a row for each age; thresholds and inactivity rules, which a
-- lead either meets or not, have one hit of age 0. Only tested leads are learned from.
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

lead_engagement_points as (
    select * from {{ ref('int_lead_engagement_points') }}
),

lead_inactivity_points as (
    select * from {{ ref('int_lead_inactivity_points') }}
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

-- Includes rules worth 0 points today, because calibration may give them points.
had as (
    select
        lead_engagement_points.lead_key,
        engagement_rules.rule_id
    from lead_engagement_points
    inner join engagement_rules
        on lead_engagement_points.rule_key = engagement_rules.rule_key
    where
        engagement_rules.mode = 'threshold'
        and {{ reaches_threshold('lead_engagement_points.counted_hits') }}
    union distinct
    select
        lead_key,
        rule_id
    from lead_inactivity_points
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
        and matches.match_id not in (
            select engagement_rules.match_id from engagement_rules
        )
    group by
        lead_match_days.lead_key,
        matches.event_type,
        lead_match_days.event_date,
        lead_match_days.as_of_date
),

united as (
    select * from each_hit
    union all
    select
        lead_key,
        rule_id as hit_name,
        'once' as kind,
        0 as age_days,
        1 as hits
    from had
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
