{{ config(materialized='view') }}
with

lead_match_days as (
    select * from {{ ref('int_lead_match_days') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

summed as (
    select
        lead_match_days.lead_key,
        engagement_rules.rule_key,
        cast(sum(lead_match_days.hits) as bigint) as hits,
        lead_match_days.as_of_date,
        lead_match_days.event_date
    from lead_match_days
    inner join engagement_rules
        on
            lead_match_days.match_id = engagement_rules.match_id
            and lead_match_days.event_date >= engagement_rules.valid_from
            and lead_match_days.event_date < engagement_rules.valid_to
    where lead_match_days.hits > 0
    group by
        lead_match_days.lead_key,
        engagement_rules.rule_key,
        lead_match_days.as_of_date,
        lead_match_days.event_date
)

select * from summed
