-- A lead is named after its identifier, and never by an address. Fails when an email
-- shows, or when the name of a lead that was published changes.
with

cases as (
    select cases.*
    from (
        values
        ('contact_id', 'c1', 'c1'),
        ('contact_id', 'anonymous:a1', 'contact_id:anonymous:a1'),
        ('contact_id', 'email:2ff2ba304a1c16ca', 'contact_id:email:2ff2ba304a1c16ca'),
        ('contact_id', 'contact_id:email:1', 'contact_id:contact_id:email:1'),
        ('contact_id', 'my-email:1', 'my-email:1'),
        ('email', 'ann@firm.example', 'email:2ff2ba304a1c16ca'),
        ('anonymous_id', 'a1', 'anonymous:a1')
    ) as cases (identifier_type, identifier_value, expected)
),

computed as (
    select
        *,
        {{ lead_name('identifier_type', 'identifier_value') }} as given
    from cases
)

select *
from computed
where given is distinct from expected
