{{ config(materialized='view') }}
with

lead_rule_points as (
    select * from {{ ref('int_lead_rule_points') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

named as (
    select
        leads.lead_id,
        lead_rule_points.rule_id,
        lead_rule_points.score,
        lead_rule_points.hits,
        lead_rule_points.counted_hits,
        lead_rule_points.raw_points,
        lead_rule_points.cap_loss,
        lead_rule_points.reset_loss,
        lead_rule_points.decay_loss,
        lead_rule_points.group_loss,
        lead_rule_points.points
    from lead_rule_points
    inner join leads
        on lead_rule_points.lead_key = leads.lead_key
    where leads.as_of_date = {{ as_of_date() }}
)

select * from named
