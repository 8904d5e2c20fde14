-- Nulls come after everything else, column by column. Fails where an engine puts them
-- first.
with

cases as (
    select cases.*
    from (
        values
        (1, 'a', 1),
        (1, 'b', 2),
        (1, null, 3),
        (2, 'a', 4),
        (null, 'a', 5),
        (null, null, 6)
    ) as cases (number, word, expected)
),

computed as (
    select
        *,
        row_number() over (order by {{ nulls_last(['number', 'word']) }}) as given
    from cases
)

select *
from computed
where given is distinct from expected
