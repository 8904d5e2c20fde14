with

lead_points as (
    select * from {{ ref('int_lead_points') }}
),

score_constants as (
    select * from {{ ref('int_score_constants') }}
),

score_scales as (
    select * from {{ ref('score_scales') }}
),

scaled as (
    select
        lead_points.lead_key,
        lead_points.identity_key,
        lead_points.lead_id,
        lead_points.stage,
        lead_points.engagement_points,
        lead_points.positive_engagement_points,
        lead_points.fit_points,
        lead_points.stage_rank,
        lead_points.days_inactive,
        lead_points.observed_days,
        lead_points.sample_bucket,
        lead_points.is_known,
        lead_points.as_of_date,
        lead_points.last_activity_date,
        score_constants.fit_weight,
        score_constants.engagement_weight,
        score_constants.stage_weight,
        {{ rounded(scaled_score(
            'lead_points.engagement_points',
            'score_scales.scaling',
            'score_scales.half_saturation_points',
            'score_scales.max_points',
        ), 6) }} as engagement_score,
        {{ rounded("case
            when score_constants.highest_fit_points > 0
                then least(100, greatest(
                    0, 100 * lead_points.fit_points / score_constants.highest_fit_points
                ))
            else 0
        end", 6) }} as fit_score,
        coalesce(
            100
            * lead_points.stage_rank
            / cast(score_constants.highest_stage_rank as double), 0
        ) as stage_score
    from lead_points
    cross join score_constants
    inner join score_scales
        on score_scales.score = 'engagement'
),

weighted as (
    select
        lead_key,
        identity_key,
        lead_id,
        stage,
        engagement_points,
        positive_engagement_points,
        engagement_score,
        fit_points,
        fit_score,
        stage_rank,
        stage_score,
        days_inactive,
        observed_days,
        sample_bucket,
        is_known,
        as_of_date,
        last_activity_date,
        {{ rounded("
            fit_weight * fit_score
            + engagement_weight * engagement_score
            + stage_weight * stage_score
        ", 6) }} as lead_score
    from scaled
)

select * from weighted
