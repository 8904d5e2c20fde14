-- The days stand still while the date goes on: every 7 days they are Sundays. Fails
-- when a day after the date is given, or none.
with

cases as (
    select
        cast(cases.on_date as date) as on_date,
        cases.step_days,
        cases.steps_back,
        cast(cases.expected as date) as expected
    from (
        values
        ('1970-01-04', 7, 0, '1970-01-04'),
        ('1970-01-10', 7, 0, '1970-01-04'),
        ('1970-01-11', 7, 0, '1970-01-11'),
        ('1970-01-01', 7, 0, '1969-12-28'),
        ('1969-12-28', 7, 0, '1969-12-28'),
        ('2026-06-28', 7, 0, '2026-06-28'),
        ('2026-06-30', 7, 0, '2026-06-28'),
        ('2026-06-30', 7, 2, '2026-06-14'),
        ('1970-02-03', 28, 0, '1970-02-01'),
        ('1970-02-03', 28, 1, '1970-01-04'),
        (null, 7, 0, null)
    ) as cases (on_date, step_days, steps_back, expected)
),

computed as (
    select
        *,
        {{ spaced_date('on_date', 'step_days', 'steps_back') }} as given
    from cases
)

select *
from computed
where given is distinct from expected
