-- A date some days on is a date. Fails when an engine answers with a timestamp or steps
-- over a month's end wrongly.
with

cases as (
    select cases.*
    from (
        values
        ('2026-06-30', 0, '2026-06-30'),
        ('2026-06-30', 1, '2026-07-01'),
        ('2026-03-01', -1, '2026-02-28'),
        ('2024-03-01', -1, '2024-02-29'),
        (null, 1, null),
        ('2026-06-30', null, null)
    ) as cases (start_date, days, expected)
),

computed as (
    select
        *,
        cast({{ add_days('cast(start_date as date)', 'days') }} as string) as given
    from cases
)

select *
from computed
where given is distinct from expected
