-- The days of this build, each with the recorded days before and after it. A replay of
-- an unrecorded day before recorded ones is not kept: otherwise, leads between the two
-- thresholds today could be members because of where they stood months ago.
with

segment_days as (
    select * from {{ ref('int_segment_days') }}
),

kept as (
    {{ kept_rows('segments', 'int_segment_history', {'as_of_date': 'date'}) }}
),

recorded as (
    select distinct as_of_date
    from kept
),

newest as (
    select max(as_of_date) as newest_date
    from recorded
),

days as (
    select
        segment_days.as_of_date,
        true as is_built,
        recorded.as_of_date is not null
        or coalesce(segment_days.as_of_date > newest.newest_date, true)
        or '{{ var('segments_from') }}' != '' as is_kept
    from segment_days
    cross join newest
    left join recorded
        on segment_days.as_of_date = recorded.as_of_date
    union all
    select
        as_of_date,
        false as is_built,
        true as is_kept
    from recorded
    where as_of_date not in (select segment_days.as_of_date from segment_days)
),

bordering as (
    select
        as_of_date,
        is_built,
        is_kept,
        coalesce(lag(is_built and is_kept) over (order by as_of_date), false)
            as follows_built,
        coalesce(lead(is_built) over (order by as_of_date), false) as precedes_built
    from days
),

compared as (
    select
        is_built,
        is_kept,
        is_built or follows_built as is_written,
        as_of_date
    from bordering
    where is_built or follows_built or precedes_built
)

select * from compared
