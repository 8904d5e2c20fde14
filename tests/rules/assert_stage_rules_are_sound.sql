-- Every row of stages.csv and stage_rules.csv can be applied; fails by naming the row.
with

stages as (
    select * from {{ ref('stages') }}
),

stage_rules as (
    select * from {{ ref('stage_rules') }}
),

event_types as (
    select * from {{ ref('event_types') }}
),

problems as (
    select
        concat('stages.csv, stage `', stage, '`: ') as place,
        case
            when stage = 'unknown'
                then 'unknown is the stage of those without evidence: rename it'
            when rank is null or rank < 1 then 'rank must be 1 or more'
            when count(*) over (partition by rank) > 1 then 'rank is used twice'
            when count(*) over (partition by stage) > 1 then 'stage is named twice'
            when stage not in (select stage_rules.stage from stage_rules)
                then 'nobody can reach it: add a row to stage_rules.csv'
        end as problem
    from stages
    union all
    select
        concat('stage_rules.csv, rule `', rule_id, '`: ') as place,
        {{ condition_problem('property', 'operator', 'operand') }} as problem
    from stage_rules
    union all
    select
        concat('stage_rules.csv, rule `', rule_id, '`: ') as place,
        {{ property_problem('property', 'operator') }} as problem
    from stage_rules
    union all
    select
        concat('stage_rules.csv, rule `', rule_id, '`: ') as place,
        case
            when count(*) over (partition by rule_id) > 1
                then 'rule_id is used twice: give each rule its own'
            when stage is null or stage not in (select stages.stage from stages)
                then concat('unknown stage `', coalesce(stage, ''), '`')
            when
                event_type is null
                or event_type not in (select event_types.event_type from event_types)
                then concat('unknown event_type `', coalesce(event_type, ''), '`')
            when min_hits < 1 then 'min_hits must be at least 1, or blank'
            when valid_days < 0 then 'valid_days must not be negative'
        end as problem
    from stage_rules
)

select concat(place, problem) as message
from problems
where problem is not null
