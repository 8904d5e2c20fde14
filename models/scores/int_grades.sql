-- Bands exclude their upper end, except the highest one.
with

grades as (
    select * from {{ ref('grades') }}
),

opened as (
    select
        score,
        grade,
        min_score,
        case
            when max_score = max(max_score) over (partition by score)
                then max_score + 1
            else max_score
        end as below_score
    from grades
)

select * from opened
