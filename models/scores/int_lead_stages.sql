with

lead_match_days as (
    select * from {{ ref('int_lead_match_days') }}
),

stage_rules as (
    select * from {{ ref('stage_rules') }}
),

stages as (
    select * from {{ ref('stages') }}
),

rules as (
    select
        rule_id,
        stage,
        {{ match_id('event_type', 'property', 'operator', 'operand') }} as match_id,
        coalesce(min_hits, 1) as min_hits,
        valid_days
    from stage_rules
),

evident as (
    select
        lead_match_days.lead_key,
        rules.rule_id,
        rules.stage
    from lead_match_days
    inner join rules
        on lead_match_days.match_id = rules.match_id
    where
        rules.valid_days is null
        or {{ days_between(
            'lead_match_days.event_date', 'lead_match_days.as_of_date'
        ) }}
        <= rules.valid_days
    group by lead_match_days.lead_key, rules.rule_id, rules.stage, rules.min_hits
    having sum(lead_match_days.hits) >= rules.min_hits
),

highest as (
    select
        evident.lead_key,
        max_by(stages.stage, stages.rank) as stage,
        max(stages.rank) as stage_rank
    from evident
    inner join stages
        on evident.stage = stages.stage
    group by evident.lead_key
)

select * from highest
