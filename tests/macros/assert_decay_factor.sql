-- Points fade as their rule says. Fails on a wrong formula, on whole-number division
-- and on a period's last day put on the wrong side.
with

cases as (
    select cases.*
    from (
        values
        ('none', 1000, null, null, 1),
        (null, 1000, null, null, 1),
        ('half_life', 0, 14, null, 1),
        ('half_life', 7, 14, null, 0.70710678118654752),
        ('half_life', 14, 14, null, 0.5),
        ('half_life', 28, 14, null, 0.25),
        ('half_life', 1, 0.5, null, 0.25),
        ('linear', 0, 10, null, 1),
        ('linear', 1, 10, null, 0.9),
        ('linear', 10, 10, null, 0),
        ('linear', 11, 10, null, 0),
        ('expire', 0, 10, null, 1),
        ('expire', 9, 10, null, 1),
        ('expire', 10, 10, null, 0),
        ('step', 0, 30, 0.25, 1),
        ('step', 29, 30, 0.25, 1),
        ('step', 30, 30, 0.25, 0.75),
        ('step', 59, 30, 0.25, 0.75),
        ('step', 60, 30, 0.25, 0.5625),
        ('step', 29, 30, 1, 1),
        ('step', 30, 30, 1, 0)
    ) as cases (decay, age_days, decay_days, decay_rate, expected)
),

typed as (
    select
        decay,
        age_days,
        cast(decay_days as double) as decay_days,
        cast(decay_rate as double) as decay_rate,
        cast(expected as double) as expected
    from cases
),

computed as (
    select
        *,
        {{ decay_factor('age_days', 'decay', 'decay_days', 'decay_rate') }} as given
    from typed
)

select *
from computed
where given is null or abs(given - expected) > 1e-15
