-- An event is on a date by its event_date, whatever the time zone. Fails when the
-- bounds on occurred_at cut off an event of the first or last date.
with

dates as (
    select cast('2026-06-29' as date) as event_date
    union all
    select cast('2026-07-01' as date) as event_date
),

cases as (
    select cases.*
    from (
        values
        ('2026-06-29', '2026-06-29 12:00:00', true),
        ('2026-06-29', '2026-06-28 10:00:00', true),
        ('2026-06-30', '2026-06-30 12:00:00', false),
        ('2026-07-01', '2026-07-02 11:59:59', true),
        ('2026-07-02', '2026-07-02 12:00:00', false),
        ('2026-06-28', '2026-06-28 12:00:00', false)
    ) as cases (local_day, happened_at, expected)
),

events as (
    select
        cast(local_day as date) as event_date,
        cast(happened_at as timestamp) as occurred_at,
        expected
    from cases
),

computed as (
    select
        *,
        {{ is_on_dates('dates') }} as given
    from events
)

select *
from computed
where given is distinct from expected
