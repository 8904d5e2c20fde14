-- Equal contents have equal fingerprints, and only they do. Fails when a null swallows
-- the others, when neighbours run together or when their order does not count.
with

cases as (
    select cases.*
    from (
        values
        ('a', 'b', 'a', 'b', true),
        ('a', null, 'a', null, true),
        (null, null, null, null, true),
        ('a', 'b', 'b', 'a', false),
        ('ab', 'c', 'a', 'bc', false),
        ('a1:b', '', 'a', '1:b', false),
        ('a', null, null, 'a', false),
        ('a', null, 'a', '', false),
        ('a', null, 'a', '-', false),
        ('a', 'b', 'A', 'b', false)
    ) as cases (left_1, left_2, right_1, right_2, expected)
),

computed as (
    select
        *,
        {{ fingerprint(['left_1', 'left_2']) }} as left_fingerprint,
        {{ fingerprint(['right_1', 'right_2']) }} as right_fingerprint
    from cases
)

select *
from computed
where
    left_fingerprint is null
    or right_fingerprint is null
    or (left_fingerprint = right_fingerprint) is distinct from expected
