-- Rows count in full when each is of another lead, and a lead once when all its rows
-- are alike. Fails when repeated rows are taken for new leads, or when more rows are
-- counted than there are.
with

cases as (
    select cases.*
    from (
        values
        -- ten leads with a row each, three successes
        (0.3, 10.0, 10.0, 3.0, 3.0, 10.0),
        -- the same ten leads four times, nothing changed
        (0.3, 40.0, 160.0, 48.0, 48.0, 10.0),
        -- two leads with two rows each, one success each: as alike as can be
        (0.5, 4.0, 8.0, 4.0, 2.0, 4.0),
        -- nobody, or everybody: what a lead repeats cannot be seen, so it counts once
        (0.0, 40.0, 160.0, 0.0, 0.0, 10.0),
        (1.0, 40.0, 160.0, 160.0, 160.0, 10.0),
        (null, 0.0, 0.0, 0.0, 0.0, null)
    ) as cases (rate, row_sum, row_squares, products, success_squares, expected)
),

computed as (
    select
        *,
        {{ effective_count(
            'rate', 'row_sum', 'row_squares', 'products', 'success_squares'
        ) }} as given
    from cases
)

select *
from computed
where
    abs(given - expected) > 1e-9
    or (given is null) != (expected is null)
