-- The leads with a rule and those without it are together all that were tested, and so
-- are their conversions. Fails when leads that a rule never hit are forgotten, or those
-- that it hit are counted twice.
with

lead_outcomes as (
    select * from {{ ref('int_lead_outcomes') }}
),

rule_performance as (
    select * from {{ ref('fct_rule_performance') }}
),

tested as (
    select
        horizon_days,
        count(*) as leads_count,
        count(*) filter (where is_converted) as conversions_count
    from lead_outcomes
    group by horizon_days
)

select
    rule_performance.rule_id,
    rule_performance.horizon_days,
    tested.leads_count as tested_count
from rule_performance
left join tested
    on rule_performance.horizon_days = tested.horizon_days
where
    rule_performance.leads_count + rule_performance.other_leads_count
    != coalesce(tested.leads_count, 0)
    or rule_performance.conversions_count + rule_performance.other_conversions_count
    != coalesce(tested.conversions_count, 0)
