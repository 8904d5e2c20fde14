-- Every row of inactivity_rules.csv can be applied; fails by naming the row.
with

inactivity_rules as (
    select * from {{ ref('inactivity_rules') }}
),

engagement_rules as (
    select * from {{ ref('engagement_rules') }}
),

problems as (
    select
        rule_id,
        case
            when rule_id is null then 'rule_id is blank: give every rule a name'
            when
                rule_id in (select engagement_rules.rule_id from engagement_rules)
                then 'rule_id is used in engagement_rules.csv too: rename one'
            when
                signal is null
                or signal not in ('days_without_activity', 'emails_unopened')
                then 'signal must be days_without_activity or emails_unopened'
            when signal = 'emails_unopened' and coalesce(min_value, 0) < 1
                then 'min_value must be at least 1 for emails_unopened'
            when max_value <= coalesce(min_value, 0)
                then 'max_value must be above min_value, or blank'
            when points is null or abs(points) > 1000
                then 'points must be a number from -1000 to 1000'
            when valid_to <= valid_from then 'valid_to must be after valid_from'
        end as problem
    from inactivity_rules
)

select
    concat('inactivity_rules.csv, rule `', coalesce(rule_id, ''), '`: ', problem)
        as message
from problems
where problem is not null
