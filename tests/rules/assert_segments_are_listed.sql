-- Every united segment has its row in segments.csv, and every row its segment; fails by
-- naming it.
with

segments as (
    select * from {{ ref('segments') }}
),

united as (
    {% for segment in var('segments') %}
        select '{{ segment }}' as segment
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

problems as (
    select
        coalesce(segments.segment, united.segment) as segment,
        case
            when segments.segment is null
                then 'has no row: add one with its label and priority'
            when united.segment is null
                then 'is no model: add models/segments/seg_<name>.sql or remove the row'
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
    full outer join united
        on segments.segment = united.segment
)

select concat('segments.csv, segment `', segment, '`: ', problem) as message
from problems
where problem is not null
