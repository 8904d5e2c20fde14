with

leads as (
    select * from {{ ref('int_leads') }}
),

lead_rule_points as (
    select * from {{ ref('int_lead_rule_points') }}
),

lead_stages as (
    select * from {{ ref('int_lead_stages') }}
),

fit_rules as (
    select * from {{ ref('fit_rules') }}
),

stages as (
    select * from {{ ref('stages') }}
),

score_scales as (
    select * from {{ ref('score_scales') }}
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
),

summed as (
    select
        lead_key,
        {{ rounded("sum(case when score = 'engagement' then points end)", 9) }}
            as engagement_points,
        {{ rounded("sum(case when score = 'fit' then points end)", 9) }} as fit_points,
        sum(case when score = 'engagement' then greatest(points, 0) end)
            as positive_engagement_points
    from lead_rule_points
    group by lead_key
),

joined as (
    select
        leads.lead_key,
        leads.lead_id,
        coalesce(summed.engagement_points, 0) as engagement_points,
        coalesce(summed.positive_engagement_points, 0) as positive_engagement_points,
        coalesce(summed.fit_points, 0) as fit_points,
        coalesce(lead_stages.stage, 'unknown') as stage,
        coalesce(lead_stages.stage_rank, 0) as stage_rank,
        constants.highest_fit_points,
        constants.highest_stage_rank,
        constants.fit_weight,
        constants.engagement_weight,
        constants.stage_weight
    from leads
    cross join constants
    left join summed
        on leads.lead_key = summed.lead_key
    left join lead_stages
        on leads.lead_key = lead_stages.lead_key
    where leads.is_listed
),

scaled as (
    select
        joined.*,
        {{ rounded(scaled_score(
            'joined.engagement_points',
            'score_scales.scaling',
            'score_scales.half_saturation_points',
            'score_scales.max_points',
        ), 6) }} as engagement_score,
        {{ rounded("case
            when joined.highest_fit_points > 0
                then least(100, greatest(
                    0, 100 * joined.fit_points / joined.highest_fit_points
                ))
            else 0
        end", 6) }} as fit_score,
        100 * joined.stage_rank / cast(joined.highest_stage_rank as double)
            as stage_score
    from joined
    inner join score_scales
        on score_scales.score = 'engagement'
),

weighted as (
    select
        *,
        {{ rounded("
            fit_weight * fit_score
            + engagement_weight * engagement_score
            + stage_weight * stage_score
        ", 6) }} as lead_score
    from scaled
)

select * from weighted
