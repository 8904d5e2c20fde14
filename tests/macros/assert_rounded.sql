-- A half is rounded away from zero, and so is what is a half but for its last digits.
-- Fails when an engine rounds it to the even neighbour or keeps a decimal, or when the
-- order of a sum decides.
with

cases as (
    select cases.*
    from (
        values
        (0.5, 1, 0.123457),
        (1.5, 2, 0.123457),
        (2.5, 3, 0.123457),
        (-0.5, -1, 0.123457),
        (-2.5, -3, 0.123457),
        (2.4999, 2, 0.123457),
        -- 0.3 + 1.9 + 0.3, which in another order is 2.5
        (2.4999999999999996, 3, 0.123457),
        (0, 0, 0.123457),
        (null, null, 0.123457)
    ) as cases (number, expected, expected_of_fraction)
),

computed as (
    select
        *,
        {{ rounded('number', 0) }} as given,
        {{ rounded('0.1234565001', 6) }} as given_of_fraction
    from cases
)

select *
from computed
where
    given is distinct from cast(expected as double)
    or given_of_fraction is distinct from cast(expected_of_fraction as double)
