with

grades as (
    select * from {{ ref('int_grades') }}
),

stages as (
    select * from {{ ref('stages') }}
),

united as (
    select
        case score when 'lead' then 'temperature' else score || '_grade' end
            as dimension,
        grade as band,
        min_score as height
    from grades
    union all
    select
        'stage' as dimension,
        stage as band,
        rank as height
    from stages
    union all
    select
        'temperature' as dimension,
        'irrelevant' as band,
        -1 as height
    union all
    select
        'stage' as dimension,
        'unknown' as band,
        0 as height
),

ranked as (
    select
        dimension,
        band,
        cast(
            row_number() over (partition by dimension order by height) as integer
        ) as band_rank
    from united
)

select * from ranked
