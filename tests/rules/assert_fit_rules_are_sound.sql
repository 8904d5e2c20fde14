-- Every row of fit_rules.csv can be scored; fails by naming the row and what to do.
with

fit_rules as (
    select * from {{ ref('fit_rules') }}
),

problems as (
    select
        rule_id,
        {{ condition_problem('attribute', 'operator', 'operand') }} as problem
    from fit_rules
    union all
    select
        rule_id,
        case
            when rule_id is null then 'rule_id is blank: give every rule a name'
            when criterion is null then 'criterion is blank'
            when attribute is null then 'attribute is blank'
            when points is null or abs(points) > 1000
                then 'points must be a number from -1000 to 1000'
            when count(*) over (partition by rule_id) > 1
                then 'rule_id is used twice: give each rule its own'
        end as problem
    from fit_rules
)

select concat('fit_rules.csv, rule `', coalesce(rule_id, ''), '`: ', problem) as message
from problems
where problem is not null
