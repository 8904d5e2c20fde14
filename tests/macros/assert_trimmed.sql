-- Spaces at the ends go, spaces inside stay, nothing is null. Fails when a fast path
-- skips a text that needs trimming.
with

cases as (
    select cases.*
    from (
        values
        ('a b', 'a b'),
        (' a', 'a'),
        ('a ', 'a'),
        ('  a b  ', 'a b'),
        ('{{ "\u00a0a" }}', 'a'),
        ('{{ "a\u3000" }}', 'a'),
        ('{{ "\u00e9 " }}', '{{ "\u00e9" }}'),
        ('{{ "\u00a0" }}', null),
        (' ', null),
        ('', null),
        (null, null)
    ) as cases (text, expected)
),

computed as (
    select
        *,
        {{ trimmed('text') }} as given
    from cases
)

select *
from computed
where given is distinct from expected
