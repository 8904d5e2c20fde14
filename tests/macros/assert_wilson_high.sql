-- The upper end of Wilson's interval, with the examples of Newcombe (1998, table I).
-- Fails when it leaves 0 and 1 or is off in the fourth decimal.
with

cases as (
    select cases.*
    from (
        values
        (81.0, 263.0, 0.3662),
        (15.0, 148.0, 0.1605),
        (0.0, 20.0, 0.1611),
        (1.0, 29.0, 0.1718),
        (29.0, 29.0, 1.0000)
    ) as cases (successes, number, expected)
),

computed as (
    select
        *,
        {{ wilson_high('successes / number', 'number') }} as given
    from cases
)

select *
from computed
where coalesce(abs(given - expected) > 5e-5, true) or given > 1
