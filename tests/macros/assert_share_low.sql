-- The lower end of an interval lies 1.96 standard errors away, within 0 and 1. Fails
-- when it leaves them, or when an unknown error gives an end.
with

cases as (
    select cases.*
    from (
        values
        (0.5, 0.1, 0.304003601545995),
        (0.5, 0.4, 0),
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
        {{ share_low('share', 'standard_error') }} as given
    from cases
)

select *
from computed
where
    abs(given - expected) > 1e-12
    or (given is null) != (expected is null)
