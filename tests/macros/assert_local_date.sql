-- An instant's date is the one on the shop's wall calendar. Fails when summer time is
-- overlooked or hours are added the wrong way. Checks the cases of the zone in use:
-- dbt test -s assert_local_date --vars 'timezone: Europe/Berlin'
with

cases as (
    select cases.*
    from (
        values
        ('UTC', '2026-06-30 23:59:59', '2026-06-30'),
        ('UTC', '2026-07-01 00:00:00', '2026-07-01'),
        ('Europe/Berlin', '2026-06-30 21:59:59', '2026-06-30'),
        ('Europe/Berlin', '2026-06-30 22:00:00', '2026-07-01'),
        ('Europe/Berlin', '2026-12-30 22:00:00', '2026-12-30'),
        ('Europe/Berlin', '2026-12-30 23:00:00', '2026-12-31'),
        ('America/New_York', '2026-07-01 03:59:59', '2026-06-30'),
        ('America/New_York', '2026-07-01 04:00:00', '2026-07-01'),
        ('Asia/Kolkata', '2026-06-30 18:29:59', '2026-06-30'),
        ('Asia/Kolkata', '2026-06-30 18:30:00', '2026-07-01'),
        ('{{ var("timezone") }}', null, null)
    ) as cases (time_zone, happened_at, expected)
    where cases.time_zone = '{{ var("timezone") }}'
),

computed as (
    select
        time_zone,
        happened_at,
        cast(expected as date) as expected,
        {{ local_date('cast(happened_at as timestamp)') }} as given
    from cases
)

select *
from computed
where given is distinct from expected
