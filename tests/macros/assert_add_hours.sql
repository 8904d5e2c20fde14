-- Hours are added to an instant, past midnight too. Fails when a setting's text is not
-- taken for a number.
with

cases as (
    select cases.*
    from (
        values
        ('2026-06-30 12:00:00', '0', '2026-06-30 12:00:00'),
        ('2026-06-30 12:00:00.5', '24', '2026-07-01 12:00:00.5'),
        ('2026-03-01 00:30:00', '-1', '2026-02-28 23:30:00'),
        (null, '1', null),
        ('2026-06-30 12:00:00', null, null)
    ) as cases (start_at, hours, expected)
),

computed as (
    select
        start_at,
        hours,
        cast(expected as timestamp) as expected,
        {{ add_hours('cast(start_at as timestamp)', 'hours') }} as given
    from cases
)

select *
from computed
where given is distinct from expected
