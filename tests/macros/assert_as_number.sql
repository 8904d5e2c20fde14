-- Plain numbers are read, everything else is null. Fails when an engine reads words or
-- separators as numbers, or a number with the letter of a type.
with

cases as (
    select cases.*
    from (
        values
        ('1', 1.0),
        ('-2.5', -2.5),
        ('1e3', 1000.0),
        ('nan', null),
        ('-infinity', null),
        ('1_000', null),
        ('5d', null),
        ('5f', null),
        ('1e3d', null),
        ('0x1f', null),
        ('0x1p3', null),
        ('٣', null),
        (' 5 ', 5.0),
        ('.5', 0.5),
        ('5.', 5.0),
        ('+5', 5.0),
        ('1,5', null),
        ('two', null),
        ('', null),
        (null, null)
    ) as cases (text, expected)
),

computed as (
    select
        *,
        {{ as_number('text') }} as given
    from cases
)

select *
from computed
where given is distinct from cast(expected as double)
