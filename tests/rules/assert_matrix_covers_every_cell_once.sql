-- Every cell of fit grade x engagement grade x stage has one most specific row, or of
-- those one of the lowest priority; fails by naming the cell.
with

matrix_actions as (
    select * from {{ ref('matrix_actions') }}
),

grades as (
    select * from {{ ref('grades') }}
),

stages as (
    select stage from {{ ref('stages') }}
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
        stages.stage
    from fit_grades
    cross join engagement_grades
    cross join stages
),

fitting as (
    select
        cells.fit_grade,
        cells.engagement_grade,
        cells.stage,
        matrix_actions.stage as covered_stage,
        matrix_actions.next_action,
        matrix_actions.priority,
        case when matrix_actions.fit_grade != '*' then 1 else 0 end
        + case when matrix_actions.engagement_grade != '*' then 1 else 0 end
        + case when matrix_actions.stage != '*' then 1 else 0 end as specificity
    from cells
    left join matrix_actions
        on
            matrix_actions.fit_grade in ('*', cells.fit_grade)
            and matrix_actions.engagement_grade in ('*', cells.engagement_grade)
            and matrix_actions.stage in ('*', cells.stage)
),

placed as (
    select
        fit_grade,
        engagement_grade,
        stage,
        covered_stage,
        next_action,
        rank() over (
            partition by fit_grade, engagement_grade, stage
            order by specificity desc, priority asc
        ) as place
    from fitting
),

problems as (
    select
        concat(fit_grade, engagement_grade, '-', stage) as cell,
        case
            when max(covered_stage) is null
                then 'is not covered: add a row, `*` stands for any'
            when count(*) > 1
                then concat(
                    'is ambiguous between `', min(next_action), '` and `',
                    max(next_action),
                    '`: give one a lower priority, or add a row for this cell'
                )
        end as problem
    from placed
    where place = 1
    group by fit_grade, engagement_grade, stage
    union all
    select
        concat(fit_grade, engagement_grade, '-', stage) as cell,
        case
            when next_action is null then 'next_action is blank: say what to do'
            when priority is null
                then
                    'priority is blank: give a number, of two rows the lower one counts'
        end as problem
    from matrix_actions
    union all
    select
        concat(
            matrix_actions.fit_grade, matrix_actions.engagement_grade, '-',
            matrix_actions.stage
        ) as cell,
        'names a grade or stage that does not exist' as problem
    from matrix_actions
    left join cells
        on
            matrix_actions.fit_grade in ('*', cells.fit_grade)
            and matrix_actions.engagement_grade in ('*', cells.engagement_grade)
            and matrix_actions.stage in ('*', cells.stage)
    where cells.stage is null
)

select concat('matrix_actions.csv, cell `', cell, '`: ', problem) as message
from problems
where problem is not null
