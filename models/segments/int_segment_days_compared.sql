-- The days of this build, each with the recorded day before it and the one after it.
with

segment_days as (
    select * from {{ ref('int_segment_days') }}
),

kept as (
    {{ kept_rows('segments', 'int_segment_history', {'as_of_date': 'date'}) }}
),

days as (
    select
        as_of_date,
        true as is_built
    from segment_days
    union all
    select distinct
        as_of_date,
        false as is_built
    from kept
    where as_of_date not in (select segment_days.as_of_date from segment_days)
),

bordering as (
    select
        as_of_date,
        is_built,
        coalesce(lag(is_built) over (order by as_of_date), false) as follows_built,
        coalesce(lead(is_built) over (order by as_of_date), false) as precedes_built
    from days
),

compared as (
    select
        is_built,
        is_built or follows_built as is_written,
        as_of_date
    from bordering
    where is_built or follows_built or precedes_built
)

select * from compared
