{{ config(materialized='view') }}
with

lead_evidence as (
    select * from {{ ref('int_lead_evidence') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

stage_rules as (
    select * from {{ ref('int_stage_rules') }}
),

stages as (
    select * from {{ ref('stages') }}
),

highest as (
    select
        lead_evidence.lead_key,
        max(stage_rules.stage_rank) as stage_rank
    from lead_evidence
    inner join stage_rules
        on
            lead_evidence.match_id = stage_rules.match_id
            and lead_evidence.min_hits = stage_rules.min_hits
    inner join lead_spells
        on lead_evidence.lead_key = lead_spells.lead_key
    where
        stage_rules.valid_days is null
        or {{ days_between('lead_evidence.evident_date', 'lead_spells.as_of_date') }}
        <= stage_rules.valid_days
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
