-- The bands of each score reach from 0 to 100 without a gap or an overlap; fails by
-- naming the band.
with

grades as (
    select * from {{ ref('grades') }}
),

followed as (
    select
        score,
        grade,
        min_score,
        max_score,
        lag(max_score) over (
            partition by score
            order by min_score, max_score
        ) as previous_max_score,
        max(max_score) over (partition by score) as highest_score
    from grades
),

graded_scores as (
    select 'fit' as score
    union all
    select 'engagement' as score
    union all
    select 'lead' as score
),

problems as (
    select
        score,
        grade,
        case
            when score is null or score not in ('fit', 'engagement', 'lead')
                then 'score must be fit, engagement or lead'
            when max_score is null or min_score is null or max_score <= min_score
                then 'max_score must be above min_score'
            when previous_max_score is null and min_score != 0
                then 'the lowest band must begin at 0'
            when min_score > previous_max_score
                then concat('gap before ', cast(min_score as string))
            when min_score < previous_max_score
                then concat('overlaps the band to ', cast(previous_max_score as string))
            when highest_score != 100 then 'the highest band must end at 100'
            when
                score = 'lead' and grade not in ('hot', 'warm', 'cold')
                then 'the bands of score lead are hot, warm and cold'
            when count(*) over (partition by score, grade) > 1
                then 'grade has two bands'
        end as problem
    from followed
    union all
    select
        graded_scores.score,
        '' as grade,
        'this score has no bands: add them' as problem
    from graded_scores
    left join grades
        on graded_scores.score = grades.score
    where grades.score is null
)

select concat('grades.csv, score `', score, '`, `', grade, '`: ', problem) as message
from problems
where problem is not null
