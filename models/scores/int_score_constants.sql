with

fit_rules as (
    select * from {{ ref('fit_rules') }}
),

stages as (
    select * from {{ ref('stages') }}
),

score_weights as (
    select * from {{ ref('score_weights') }}
),

highest_per_criterion as (
    select max(points) as points
    from fit_rules
    group by criterion
),

constants as (
    select
        (select sum(highest_per_criterion.points) from highest_per_criterion)
            as highest_fit_points,
        (select max(stages.rank) from stages) as highest_stage_rank,
        sum(case when component = 'fit' then weight else 0 end) / sum(weight)
            as fit_weight,
        sum(case when component = 'engagement' then weight else 0 end) / sum(weight)
            as engagement_weight,
        sum(case when component = 'stage' then weight else 0 end) / sum(weight)
            as stage_weight
    from score_weights
)

select * from constants
