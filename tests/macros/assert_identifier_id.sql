-- The contact_id counts before the email before the anonymous_id, and one text is
-- another key in another column. Fails when order or column is left out.
with

cases as (
    select cases.*
    from (
        values
        ('c', 'e', 'a', 'contact_id', 'c'),
        ('c', null, null, 'contact_id', 'c'),
        (null, 'e', 'a', 'email', 'e'),
        (null, null, 'a', 'anonymous_id', 'a'),
        (null, 'c', null, 'email', 'c')
    ) as cases (contact_id, email, anonymous_id, expected_type, expected_value)
),

computed as (
    select
        *,
        {{ identifier_id() }} as identifier_id,
        {{ hash_id(['expected_type', 'expected_value']) }} as expected_id
    from cases
)

select *
from computed
where identifier_id is distinct from expected_id
