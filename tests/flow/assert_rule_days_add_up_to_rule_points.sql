-- The days of a rule add up to its hits and counted hits: int_lead_rule_days to
-- int_lead_rule_points. Fails when a day gets lost, when a rule with two time spans
-- counts a day in both, or when hits go to another lead. Inactivity rules have no days.
-- Hits are summed after multiplying them by the key of their lead, not lead by lead:
-- the chance that wrong sums agree is one in a thousand million.
with

lead_rule_days as (
    select * from {{ ref('int_lead_rule_days') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

lead_rule_points as (
    select * from {{ ref('int_lead_rule_points') }}
),

inactivity_rules as (
    select * from {{ ref('inactivity_rules') }}
),

united as (
    select
        engagement_rules.rule_id,
        lead_rule_days.lead_key % 1000000007 as weight,
        lead_rule_days.hits as day_hits,
        lead_rule_days.counted_hits as day_counted_hits,
        0 as hits,
        0 as counted_hits
    from lead_rule_days
    inner join engagement_rules
        on lead_rule_days.rule_key = engagement_rules.rule_key
    union all
    select
        rule_id,
        lead_key % 1000000007 as weight,
        0 as day_hits,
        0 as day_counted_hits,
        hits,
        counted_hits
    from lead_rule_points
    where
        score = 'engagement'
        and rule_id not in (select inactivity_rules.rule_id from inactivity_rules)
),

summed as (
    select
        rule_id,
        sum(day_hits) as day_hits,
        sum(hits) as hits,
        sum(day_counted_hits) as day_counted_hits,
        sum(counted_hits) as counted_hits,
        sum(weight * (day_hits - hits)) as misplaced_hits,
        sum(weight * (day_counted_hits - counted_hits)) as misplaced_counted_hits,
        count(*) filter (where day_hits + hits = 0) as idle_rows_count
    from united
    group by rule_id
)

-- Nobody has a day or a row without a hit: a row that is missing lacks hits.
select *
from summed
where
    misplaced_hits != 0
    or misplaced_counted_hits != 0
    or idle_rows_count > 0
