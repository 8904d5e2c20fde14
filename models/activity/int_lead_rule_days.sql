{{ config(materialized='view') }}
with

lead_hit_days as (
    select * from {{ ref('int_lead_hit_days') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

dated as (
    select
        lead_hit_days.lead_key,
        lead_hit_days.rule_key,
        lead_spells.as_of_date,
        lead_hit_days.event_date,
        lead_hit_days.hits,
        lead_hit_days.counted_hits,
        engagement_rules.window_days is null
        or {{ days_between('lead_hit_days.event_date', 'lead_spells.as_of_date') }}
        < engagement_rules.window_days as is_in_window,
        lead_hit_days.event_date >= lead_spells.counts_from_date as is_kept
    from lead_hit_days
    inner join engagement_rules
        on lead_hit_days.rule_key = engagement_rules.rule_key
    inner join lead_spells
        on lead_hit_days.lead_key = lead_spells.lead_key
),

met as (
    select
        lead_key,
        rule_key,
        as_of_date,
        event_date,
        hits,
        case when is_in_window then hits else 0 end as window_hits,
        case when is_in_window and is_kept then hits else 0 end as kept_hits,
        case when is_in_window and is_kept then counted_hits else 0 end as counted_hits
    from dated
)

select * from met
