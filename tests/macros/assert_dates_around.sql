-- The dates around some dates are all those within reach, each once. Fails when an edge
-- is missing, or when overlapping reaches repeat a date.
with

touched as (
    select cast('2026-02-28' as date) as event_date
    union all
    select cast('2026-03-02' as date) as event_date
    union all
    select cast('2026-03-20' as date) as event_date
),

expected as (
    select cast(around.event_day as date) as event_date
    from (
        values
        ('2026-02-26'), ('2026-02-27'), ('2026-02-28'), ('2026-03-01'),
        ('2026-03-02'), ('2026-03-03'), ('2026-03-04'),
        ('2026-03-18'), ('2026-03-19'), ('2026-03-20'), ('2026-03-21'), ('2026-03-22')
    ) as around (event_day)
),

given as (
    {{ dates_around('touched', 2) }}
),

counted as (
    select
        event_date,
        count(*) as given_count
    from given
    group by event_date
)

select
    expected.event_date as expected_date,
    counted.event_date as given_date,
    counted.given_count
from expected
full outer join counted
    on expected.event_date = counted.event_date
where
    expected.event_date is null
    or counted.event_date is null
    or counted.given_count != 1
