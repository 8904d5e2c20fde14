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
        lead_rule_points.score,
        lead_rule_points.rule_id,
        cast(lead_rule_points.hits as bigint) as hits,
        cast(lead_rule_points.counted_hits as bigint) as counted_hits,
        cast(lead_rule_points.raw_points as double) as raw_points,
        cast(lead_rule_points.cap_loss as double) as cap_loss,
        cast(lead_rule_points.reset_loss as double) as reset_loss,
        cast(lead_rule_points.decay_loss as double) as decay_loss,
        cast(lead_rule_points.group_loss as double) as group_loss,
        cast(lead_rule_points.points as double) as points
    from lead_rule_points
    inner join leads
        on lead_rule_points.lead_key = leads.lead_key
)

select * from named
