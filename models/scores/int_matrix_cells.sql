with

grades as (
    select * from {{ ref('grades') }}
),

stages as (
    select * from {{ ref('stages') }}
),

matrix_actions as (
    select * from {{ ref('matrix_actions') }}
),

all_stages as (
    select stage from stages
    union all
    select 'unknown' as stage
),

fit_grades as (
    select grade
    from grades
    where score = 'fit'
),

engagement_grades as (
    select grade
    from grades
    where score = 'engagement'
),

cells as (
    select
        fit_grades.grade as fit_grade,
        engagement_grades.grade as engagement_grade,
        all_stages.stage
    from fit_grades
    cross join engagement_grades
    cross join all_stages
),

fitting as (
    select
        cells.fit_grade,
        cells.engagement_grade,
        cells.stage,
        matrix_actions.next_action,
        matrix_actions.price_tier,
        row_number() over (
            partition by cells.fit_grade, cells.engagement_grade, cells.stage
            order by
                case when matrix_actions.fit_grade = '*' then 1 else 0 end
                + case when matrix_actions.engagement_grade = '*' then 1 else 0 end
                + case when matrix_actions.stage = '*' then 1 else 0 end,
                matrix_actions.priority
        ) as place
    from cells
    inner join matrix_actions
        on
            matrix_actions.fit_grade in ('*', cells.fit_grade)
            and matrix_actions.engagement_grade in ('*', cells.engagement_grade)
            and matrix_actions.stage in ('*', cells.stage)
),

most_specific as (
    select
        fit_grade,
        engagement_grade,
        stage,
        fit_grade || engagement_grade || '-' || stage as cell,
        next_action,
        price_tier
    from fitting
    where place = 1
)

select * from most_specific
