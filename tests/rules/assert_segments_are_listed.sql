-- Every segment's condition has its row in segments.csv, and every row its condition;
-- fails by naming it.
with

segments as (
    select * from {{ ref('segments') }}
),

conditions as (
    select listed.segment
    from (
        values
        {% for segment in segments_with_conditions() -%}
            ('{{ segment }}'){{ ',' if not loop.last }}
        {% endfor %}
    ) as listed (segment)
),

problems as (
    select
        coalesce(segments.segment, conditions.segment) as segment,
        case
            when segments.segment is null
                then 'has no row: add one with its label and priority'
            when conditions.segment is null
                then
                    'has no condition: add one to models/segments/'
                    || 'int_segment_standings.sql or remove the row'
            when count(*) over (partition by segments.segment) > 1 then 'has two rows'
            when segments.priority is null then 'priority is blank'
            when count(*) over (partition by segments.priority) > 1
                then 'shares its priority with another segment'
            when
                segments.holdout_percent is null
                or segments.holdout_percent < 0
                or segments.holdout_percent > 99
                then 'holdout_percent must lie between 0 and 99'
        end as problem
    from segments
    full outer join conditions
        on segments.segment = conditions.segment
)

select concat('segments.csv, segment `', segment, '`: ', problem) as message
from problems
where problem is not null
