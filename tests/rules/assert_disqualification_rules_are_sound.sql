-- Every row of disqualification_rules.csv can be applied; fails by naming the row.
with

disqualification_rules as (
    select * from {{ ref('disqualification_rules') }}
),

event_types as (
    select * from {{ ref('event_types') }}
),

problems as (
    select
        rule_id,
        {{ condition_problem(
            'coalesce(attribute, property)', 'operator', 'operand'
        ) }} as problem
    from disqualification_rules
    union all
    select
        rule_id,
        {{ property_problem('property', 'operator') }} as problem
    from disqualification_rules
    union all
    select
        rule_id,
        case
            when count(*) over (partition by rule_id) > 1
                then 'rule_id is used twice: give each rule its own'
            when reason is null then 'reason is blank'
            when (attribute is null) = (event_type is null)
                then 'give either an attribute or an event_type'
            when attribute is not null and property is not null
                then 'property belongs to an event_type: clear it'
            when attribute is not null and operator = 'is_not_set'
                then 'a lead is not disqualified by what is not known about it'
            when
                event_type not in (select event_types.event_type from event_types)
                then concat('unknown event_type `', event_type, '`')
            when min_hits < 1 then 'min_hits must be at least 1, or blank'
            when window_days < 1 then 'window_days must be at least 1, or blank'
            when priority is null then 'priority is blank'
        end as problem
    from disqualification_rules
)

select concat('disqualification_rules.csv, rule `', rule_id, '`: ', problem) as message
from problems
where problem is not null
