-- The upper end of an interval lies 1.96 standard errors away, within 0 and 1. Fails
-- when it leaves them, or when an unknown error gives an end.
with

cases as (
    select cases.*
    from (
        values
        (0.5, 0.1, 0.695996398454005),
        (0.5, 0.4, 1),
        (0.5, 0.0, 0.5),
        (1.0, 0.0, 1.0),
        (0.0, 0.0, 0.0),
        (0.5, null, null),
        (null, null, null)
    ) as cases (share, standard_error, expected)
),

computed as (
    select
        *,
        {{ share_high('share', 'standard_error') }} as given
    from cases
)

select *
from computed
where
    abs(given - expected) > 1e-12
    or (given is null) != (expected is null)
