-- The lower end of Wilson's interval, with the examples of Newcombe (1998, table I).
-- Fails when it leaves 0 and 1 or is off in the fourth decimal.
with

cases as (
    select cases.*
    from (
        values
        (81.0, 263.0, 0.2553),
        (15.0, 148.0, 0.0624),
        (0.0, 20.0, 0.0000),
        (1.0, 29.0, 0.0061),
        (29.0, 29.0, 0.8830)
    ) as cases (successes, number, expected)
),

computed as (
    select
        *,
        {{ wilson_low('successes / number', 'number') }} as given
    from cases
)

select *
from computed
where coalesce(abs(given - expected) > 5e-5, true) or given < 0
