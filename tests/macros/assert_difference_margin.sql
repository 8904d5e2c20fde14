-- The interval of a difference of rates, with the examples of Newcombe (1998, table II,
-- method 10). Fails when the bounds are taken the wrong way round.
with

cases as (
    select cases.*
    from (
        values
        (56.0, 70.0, 48.0, 80.0, 0.0524, 0.3339),
        (9.0, 10.0, 3.0, 10.0, 0.1705, 0.8090),
        (6.0, 7.0, 2.0, 7.0, 0.0582, 0.8062),
        (5.0, 56.0, 0.0, 29.0, -0.0381, 0.1926),
        (0.0, 10.0, 0.0, 20.0, -0.1611, 0.2775),
        (10.0, 10.0, 0.0, 20.0, 0.6791, 1.0000)
    ) as cases (successes, number, other_successes, other_number, low, high)
),

rated as (
    select
        *,
        successes / number as rate,
        other_successes / other_number as other_rate
    from cases
),

bounded as (
    select
        *,
        {{ wilson_low('rate', 'number') }} as rate_low,
        {{ wilson_high('rate', 'number') }} as rate_high,
        {{ wilson_low('other_rate', 'other_number') }} as other_low,
        {{ wilson_high('other_rate', 'other_number') }} as other_high
    from rated
),

computed as (
    select
        *,
        rate - other_rate
        - {{ difference_margin('rate', 'rate_low', 'other_rate', 'other_high') }}
            as given_low,
        rate - other_rate
        + {{ difference_margin('rate', 'rate_high', 'other_rate', 'other_low') }}
            as given_high
    from bounded
)

select *
from computed
where
    coalesce(abs(given_low - low) > 5e-5, true)
    or coalesce(abs(given_high - high) > 5e-5, true)
