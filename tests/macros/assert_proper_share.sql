-- A share is kept, unless its logarithm or that of the rest would be infinite. Fails
-- when 0 or 1 gets through.
with

cases as (
    select cases.*
    from (
        values
        (0.0, 2.220446049250313e-16),
        (0.25, 0.25),
        (1.0, 1 - 2.220446049250313e-16)
    ) as cases (share, expected)
),

computed as (
    select
        *,
        {{ proper_share('share') }} as given
    from cases
)

select *
from computed
where
    given is distinct from expected
    or ln(given) is null
    or ln(1 - given) is null
