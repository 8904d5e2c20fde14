-- The interval of a share of 1 is Wilson's; 29 of 29: Newcombe (1998, table I).
-- Fails when a share of 0 or 1 looks certain.
with

cases as (
    select cases.*
    from (
        values
        (2.0, 0.3424),
        (20.0, 0.8389),
        (29.0, 0.8830)
    ) as cases (number, expected)
),

computed as (
    select
        *,
        {{ share_low('1', edge_error('number')) }} as given
    from cases
)

select *
from computed
where coalesce(abs(given - expected) > 5e-5, true)
