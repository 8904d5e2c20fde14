-- Matches, and numbers of hits, that stage rules and disqualification rules require.
with

stage_rules as (
    select * from {{ ref('int_stage_rules') }}
),

disqualification_rules as (
    select * from {{ ref('int_disqualification_rules') }}
),

united as (
    select
        match_id,
        min_hits
    from stage_rules
    union distinct
    select
        match_id,
        min_hits
    from disqualification_rules
    where match_id is not null
)

select * from united
