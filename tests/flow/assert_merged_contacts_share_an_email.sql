-- On every date, contacts are one lead if, and only if, they share an email. Fails when
-- contacts without an email are taken for one person, or when one address belongs to
-- two leads. Compares the least with the greatest value: counting distinct values costs
-- twice as much.
with

contacts_known as (
    select
        lead_id,
        email,
        {{ hash_id(['email']) }} as email_key,
        as_of_date
    from {{ ref('int_contacts_known') }}
),

problems as (
    select
        as_of_date,
        lead_id as first_lead_id,
        lead_id as last_lead_id
    from contacts_known
    group by lead_id, as_of_date
    having
        count(*) > 1
        and (min(email_key) != max(email_key) or count(email) < count(*))
    union all
    select
        as_of_date,
        min(lead_id) as first_lead_id,
        max(lead_id) as last_lead_id
    from contacts_known
    where email is not null
    group by email, as_of_date
    having min(lead_id) != max(lead_id)
)

select * from problems
