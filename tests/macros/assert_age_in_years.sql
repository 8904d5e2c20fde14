-- A birthday adds a year on its own day, not before. Fails when days are divided by
-- 365, or when 29 February is taken for 28.
with

cases as (
    select cases.*
    from (
        values
        ('1990-06-30', '2026-06-29', 35),
        ('1990-06-30', '2026-06-30', 36),
        ('1990-12-31', '2026-01-01', 35),
        ('2000-02-29', '2024-02-28', 23),
        ('2000-02-29', '2024-02-29', 24),
        ('2000-02-29', '2026-02-28', 25),
        ('2000-02-29', '2026-03-01', 26),
        ('2026-06-30', '2026-06-30', 0),
        (null, '2026-06-30', null)
    ) as cases (birth_date, on_date, expected)
),

typed as (
    select
        cast(birth_date as date) as birth_date,
        cast(on_date as date) as on_date,
        expected
    from cases
),

computed as (
    select
        *,
        {{ age_in_years('birth_date', 'on_date') }} as given
    from typed
)

select *
from computed
where given is distinct from expected
