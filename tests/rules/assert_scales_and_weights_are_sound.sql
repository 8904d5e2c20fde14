-- Points can be limited and scaled and the scores weighed; fails by naming the file and
-- the row.
with

rule_groups as (
    select * from {{ ref('rule_groups') }}
),

score_scales as (
    select * from {{ ref('score_scales') }}
),

score_weights as (
    select * from {{ ref('score_weights') }}
),

problems as (
    select
        concat('rule_groups.csv, rule_group `', rule_group, '`: ') as place,
        'max_points must be 0 or more, or blank for no limit' as problem
    from rule_groups
    where max_points < 0
    union all
    select
        concat('score_scales.csv, score `', coalesce(score, ''), '`: ') as place,
        case
            when score is null or score != 'engagement'
                then 'only engagement is scaled; fit and stage are percentages'
            when scaling is null or scaling not in ('saturating', 'linear')
                then 'scaling must be saturating or linear'
            when scaling = 'saturating' and coalesce(half_saturation_points, 0) <= 0
                then 'saturating needs half_saturation_points above 0'
            when scaling = 'linear' and coalesce(max_points, 0) <= 0
                then 'linear needs max_points above 0'
            when count(*) over (partition by score) > 1 then 'score has two rows'
        end as problem
    from score_scales
    union all
    select
        'score_scales.csv: ' as place,
        'there is no row for score engagement: add it' as problem
    from score_scales
    having count(*) = 0
    union all
    select
        concat('score_weights.csv, component `', coalesce(component, ''), '`: ')
            as place,
        case
            when
                component is null
                or component not in ('fit', 'engagement', 'stage')
                then 'component must be fit, engagement or stage'
            when weight is null or weight < 0 then 'weight must be 0 or more'
            when count(*) over (partition by component) > 1
                then 'component has two rows'
        end as problem
    from score_weights
    union all
    select
        'score_weights.csv: ' as place,
        concat(
            'the weights add up to ',
            cast(round(sum(weight), 6) as string),
            ': make it 1'
        ) as problem
    from score_weights
    having abs(coalesce(sum(weight), 0) - 1) > 0.000001
)

select concat(place, problem) as message
from problems
where problem is not null
