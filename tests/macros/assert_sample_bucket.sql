-- Whoever is in a sample stays in it, and in every larger one. Fails when the place of
-- a name changes: weeks would no longer be comparable with the weeks before them.
with

cases as (
    select cases.*
    from (
        values
        ('', 30.15),
        ('a', 99.59),
        ('Größe', 15.21),
        (null, null)
    ) as cases (placed_name, expected)
),

computed as (
    select
        *,
        {{ sample_bucket('placed_name') }} as given
    from cases
)

select *
from computed
where given is distinct from cast(expected as double)
