-- A text falls on the same number for ever. Fails when the hash or the way it is cut
-- changes: then people would change arms in the middle of an experiment.
with

cases as (
    select cases.*
    from (
        values
        ('', 49),
        ('a', 23),
        ('hot_leads:c1', 14),
        ('hot_leads:c2', 29),
        ('Größe', 79),
        (null, null)
    ) as cases (placed_text, expected)
),

computed as (
    select
        *,
        {{ stable_bucket('placed_text') }} as given
    from cases
)

select *
from computed
where given is distinct from expected
