{{ config(materialized='view') }}
with

lead_rule_days as (
    select * from {{ ref('int_lead_rule_days') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

named as (
    select
        leads.lead_id,
        engagement_rules.rule_id,
        lead_rule_days.hits,
        lead_rule_days.counted_hits,
        lead_rule_days.event_date
    from lead_rule_days
    inner join leads
        on lead_rule_days.lead_key = leads.lead_key
    inner join engagement_rules
        on lead_rule_days.rule_key = engagement_rules.rule_key
    where lead_rule_days.as_of_date = {{ as_of_date() }}
)

select * from named
