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
        stage,
        {{ match_id('event_type', 'property', 'operator', 'operand') }} as match_id,
        coalesce(min_hits, 1) as min_hits,
        valid_days
    from stage_rules
),

evident as (
    select
        lead_evidence.lead_key,
        rules.stage
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
