-- Scores lie between 0 and 100, each in the band that its grade names, and the cell is
-- put together from them. Fails when a band edge belongs to the wrong grade.
with

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

grades as (
    select * from {{ ref('grades') }}
),

graded as (
    select
        lead_id,
        'engagement' as score,
        engagement_score as number,
        engagement_grade as grade
    from lead_scores
    union all
    select
        lead_id,
        'fit' as score,
        fit_score as number,
        fit_grade as grade
    from lead_scores
    union all
    select
        lead_id,
        'lead' as score,
        lead_score as number,
        temperature as grade
    from lead_scores
    where temperature != 'irrelevant'
),

out_of_band as (
    select
        graded.lead_id,
        concat(graded.score, ' ', graded.grade) as problem
    from graded
    left join grades
        on
            graded.score = grades.score
            and graded.grade = grades.grade
            and graded.number >= grades.min_score
            and (
                graded.number < grades.max_score
                or (graded.number = 100 and grades.max_score = 100)
            )
    where grades.grade is null
    union all
    select
        lead_id,
        cell as problem
    from lead_scores
    where cell is distinct from concat(fit_grade, engagement_grade, '-', stage)
)

select * from out_of_band
