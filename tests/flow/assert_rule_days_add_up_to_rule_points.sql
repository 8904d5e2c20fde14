-- The days of a rule are its hits: fct_lead_rule_days adds up to the hits and counted
-- hits of fct_lead_rule_points. Fails when a day gets lost, or when a rule with two
-- time spans counts a day in both. Inactivity rules have no days.
with

lead_rule_days as (
    select * from {{ ref('fct_lead_rule_days') }}
),

lead_rule_points as (
    select * from {{ ref('fct_lead_rule_points') }}
),

inactivity_rules as (
    select * from {{ ref('inactivity_rules') }}
),

summed as (
    select
        lead_id,
        rule_id,
        sum(hits) as hits,
        sum(counted_hits) as counted_hits
    from lead_rule_days
    group by lead_id, rule_id
),

explained as (
    select
        lead_id,
        rule_id,
        hits,
        counted_hits
    from lead_rule_points
    where
        score = 'engagement'
        and rule_id not in (select trim(inactivity_rules.rule_id) from inactivity_rules)
)

select
    summed.lead_id as days_lead_id,
    summed.rule_id as days_rule_id,
    summed.hits as days_hits,
    summed.counted_hits as days_counted_hits,
    explained.lead_id,
    explained.rule_id,
    explained.hits,
    explained.counted_hits
from summed
full outer join explained
    on
        summed.lead_id = explained.lead_id
        and summed.rule_id = explained.rule_id
where
    summed.lead_id is null
    or explained.lead_id is null
    or summed.hits != explained.hits
    or summed.counted_hits != explained.counted_hits
