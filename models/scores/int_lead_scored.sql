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

score_constants as (
    select * from {{ ref('int_score_constants') }}
),

score_scales as (
    select * from {{ ref('score_scales') }}
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
        coalesce(summed.engagement_points, 0) as engagement_points,
        coalesce(summed.positive_engagement_points, 0) as positive_engagement_points,
        coalesce(summed.fit_points, 0) as fit_points,
        coalesce(lead_stages.stage, 'unknown') as stage,
        coalesce(lead_stages.stage_rank, 0) as stage_rank
    from leads
    left join summed
        on leads.lead_key = summed.lead_key
    left join lead_stages
        on leads.lead_key = lead_stages.lead_key
    where leads.is_listed
),

scaled as (
    select
        joined.lead_key,
        joined.stage,
        joined.engagement_points,
        joined.positive_engagement_points,
        joined.fit_points,
        joined.stage_rank,
        score_constants.fit_weight,
        score_constants.engagement_weight,
        score_constants.stage_weight,
        {{ rounded(scaled_score(
            'joined.engagement_points',
            'score_scales.scaling',
            'score_scales.half_saturation_points',
            'score_scales.max_points',
        ), 6) }} as engagement_score,
        {{ rounded("case
            when score_constants.highest_fit_points > 0
                then least(100, greatest(
                    0, 100 * joined.fit_points / score_constants.highest_fit_points
                ))
            else 0
        end", 6) }} as fit_score,
        100
        * joined.stage_rank
        / cast(score_constants.highest_stage_rank as double) as stage_score
    from joined
    cross join score_constants
    inner join score_scales
        on score_scales.score = 'engagement'
),

weighted as (
    select
        lead_key,
        stage,
        engagement_points,
        positive_engagement_points,
        engagement_score,
        fit_points,
        fit_score,
        stage_rank,
        stage_score,
        {{ rounded("
            fit_weight * fit_score
            + engagement_weight * engagement_score
            + stage_weight * stage_score
        ", 6) }} as lead_score
    from scaled
)

select * from weighted
