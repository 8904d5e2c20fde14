{{ config(materialized='view') }}
with

lead_evidence as (
    select * from {{ ref('int_lead_evidence') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

stage_rules as (
    select * from {{ ref('stage_rules') }}
),

stages as (
    select * from {{ ref('stages') }}
),

rules as (
    select
        stages.rank,
        {{ match_id(
            'stage_rules.event_type',
            'stage_rules.property',
            'stage_rules.operator',
            'stage_rules.operand',
        ) }} as match_id,
        coalesce(stage_rules.min_hits, 1) as min_hits,
        stage_rules.valid_days
    from stage_rules
    inner join stages
        on stage_rules.stage = stages.stage
),

highest as (
    select
        lead_evidence.lead_key,
        max(rules.rank) as stage_rank
    from lead_evidence
    inner join rules
        on
            lead_evidence.match_id = rules.match_id
            and lead_evidence.min_hits = rules.min_hits
    inner join lead_spells
        on lead_evidence.lead_key = lead_spells.lead_key
    where
        rules.valid_days is null
        or {{ days_between('lead_evidence.evident_date', 'lead_spells.as_of_date') }}
        <= rules.valid_days
    group by lead_evidence.lead_key
),

-- No two stages have the same rank.
named as (
    select
        highest.lead_key,
        stages.stage,
        highest.stage_rank
    from highest
    inner join stages
        on highest.stage_rank = stages.rank
)

select * from named
