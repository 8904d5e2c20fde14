-- On every date, contacts are one lead if, and only if, they share an email. Fails when
-- contacts that have none are taken for one person, or when an address stands for two
-- leads.
with

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

problems as (
    select
        lead_id,
        min(contact_id) as first_contact_id,
        max(contact_id) as last_contact_id
    from contacts_known
    group by lead_id, as_of_date
    having
        count(*) > 1
        and (count(distinct email) > 1 or count(email) < count(*))
    union all
    select
        min(lead_id) as lead_id,
        min(contact_id) as first_contact_id,
        max(contact_id) as last_contact_id
    from contacts_known
    where email is not null
    group by email, as_of_date
    having count(distinct lead_id) > 1
)

select * from problems
