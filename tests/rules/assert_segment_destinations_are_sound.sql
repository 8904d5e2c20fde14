-- A segment goes to destinations that exist, under a name of its own; fails by naming
-- the segment.
with

segments as (
    select * from {{ ref('segments') }}
),

destinations as (
    select * from {{ ref('destinations') }}
),

named as (
    {{ named_destinations('segments') }}
),

counted as (
    select
        segment,
        destination,
        count(*) as rows_count
    from named
    group by segment, destination
),

problems as (
    select
        counted.segment,
        case
            when destinations.destination is null
                then
                    concat(
                        'unknown destination `', counted.destination,
                        '`: add it to destinations.csv or remove it'
                    )
            when counted.rows_count > 1
                then concat('names destination `', counted.destination, '` twice')
        end as problem
    from counted
    left join destinations
        on counted.destination = destinations.destination
    union all
    select
        segment,
        case
            when destinations is not null and audience is null
                then 'goes to a destination, so it needs an audience: a neutral name'
            when
                count(*) over (partition by {{ lowered('audience') }}) > 1
                and audience is not null
                then 'shares its audience with another segment'
        end as problem
    from segments
)

select concat('segments.csv, segment `', segment, '`: ', problem) as message
from problems
where problem is not null
