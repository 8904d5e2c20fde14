-- Days are counted from start to end. Fails when an engine takes them the other way
-- round.
with

cases as (
    select cases.*
    from (
        values
        ('2026-06-30', '2026-06-30', 0),
        ('2026-06-30', '2026-07-01', 1),
        ('2026-07-01', '2026-06-30', -1),
        ('2024-02-28', '2024-03-01', 2),
        ('2026-02-28', '2026-03-01', 1),
        ('1900-01-01', '2026-01-01', 46021),
        (null, '2026-01-01', null),
        ('2026-01-01', null, null)
    ) as cases (start_date, end_date, expected)
),

typed as (
    select
        cast(start_date as date) as start_date,
        cast(end_date as date) as end_date,
        expected
    from cases
),

computed as (
    select
        *,
        {{ days_between('start_date', 'end_date') }} as given
    from typed
)

select *
from computed
where given is distinct from expected
