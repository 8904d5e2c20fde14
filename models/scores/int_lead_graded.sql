{{ config(materialized='view') }}
with

lead_scored as (
    select * from {{ ref('int_lead_scored') }}
),

grades as (
    select * from {{ ref('int_grades') }}
),

-- Bands leave no gap, so every lead has a grade.
graded as (
    select
        lead_scored.lead_key,
        lead_scored.identity_key,
        lead_scored.lead_id,
        lead_scored.stage,
        lead_scored.engagement_points,
        lead_scored.engagement_score,
        lead_scored.fit_points,
        lead_scored.fit_score,
        lead_scored.stage_rank,
        lead_scored.lead_score,
        engagement_grades.grade as engagement_grade,
        fit_grades.grade as fit_grade,
        lead_grades.grade as temperature,
        lead_scored.days_inactive,
        lead_scored.observed_days,
        lead_scored.sample_bucket,
        lead_scored.is_known,
        lead_scored.as_of_date,
        lead_scored.last_activity_date
    from lead_scored
    left join grades as engagement_grades
        on
            engagement_grades.score = 'engagement'
            and lead_scored.engagement_score >= engagement_grades.min_score
            and lead_scored.engagement_score < engagement_grades.below_score
    left join grades as fit_grades
        on
            fit_grades.score = 'fit'
            and lead_scored.fit_score >= fit_grades.min_score
            and lead_scored.fit_score < fit_grades.below_score
    left join grades as lead_grades
        on
            lead_grades.score = 'lead'
            and lead_scored.lead_score >= lead_grades.min_score
            and lead_scored.lead_score < lead_grades.below_score
)

select * from graded
