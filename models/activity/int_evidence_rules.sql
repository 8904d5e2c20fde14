-- How many hits of which match the rules of stages and of disqualification ask for.
with

stage_rules as (
    select * from {{ ref('stage_rules') }}
),

disqualification_rules as (
    select * from {{ ref('disqualification_rules') }}
),

united as (
    select
        {{ match_id('event_type', 'property', 'operator', 'operand') }} as match_id,
        coalesce(min_hits, 1) as min_hits
    from stage_rules
    union distinct
    select
        {{ match_id('event_type', 'property', 'operator', 'operand') }} as match_id,
        coalesce(min_hits, 1) as min_hits
    from disqualification_rules
    where nullif(trim(event_type), '') is not null
)

select * from united
