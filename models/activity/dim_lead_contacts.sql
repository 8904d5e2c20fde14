with

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

listed as (
    select
        contacts_known.contact_id,
        contacts_known.lead_id,
        contacts_known.email,
        contacts_known.phone,
        contacts_known.first_name,
        contacts_known.last_name,
        contacts_known.gender,
        contacts_known.country,
        contacts_known.region,
        contacts_known.city,
        contacts_known.postal_code,
        contacts_known.language,
        contacts_known.company,
        contacts_known.job_title,
        contacts_known.industry,
        contacts_known.is_test,
        contacts_known.birth_date,
        contacts_known.created_at,
        contacts_known.updated_at
    from contacts_known
    inner join leads
        on contacts_known.lead_key = leads.lead_key
    where leads.is_listed and contacts_known.is_today
)

select * from listed
