-- Equal columns make equal keys, and only they do. Fails when nulls swallow the key,
-- when neighbours run together or when their order does not count.
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
        ('a', null, null, 'a', false),
        ('a', null, 'a', '', false),
        ('a', 'b', 'A', 'b', false)
    ) as cases (left_1, left_2, right_1, right_2, expected)
),

computed as (
    select
        *,
        {{ hash_id(['left_1', 'left_2']) }} as left_id,
        {{ hash_id(['right_1', 'right_2']) }} as right_id
    from cases
)

select *
from computed
where
    left_id is null
    or right_id is null
    or (left_id = right_id) is distinct from expected
