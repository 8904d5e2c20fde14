with

stage_rules as (
    select * from {{ ref('stage_rules') }}
),

stages as (
    select * from {{ ref('stages') }}
),

ranked as (
    select
        stage_rules.rule_id,
        stages.rank as stage_rank,
        {{ match_id('event_type', 'property', 'operator', 'operand') }} as match_id,
        coalesce(stage_rules.min_hits, 1) as min_hits,
        stage_rules.valid_days
    from stage_rules
    inner join stages
        on stage_rules.stage = stages.stage
)

select * from ranked
