-- A consent holds until it is withdrawn: per lead and purpose the newest answer counts,
-- of several in one moment the withdrawal, and a grant only from its day on. Fails when
-- somebody who withdrew would still be written to, or when an answer is lost.
with

consents as (
    select * from {{ ref('stg_landing__consents') }}
),

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

lead_consents as (
    select * from {{ ref('int_lead_consents') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

answered as (
    select
        leads.lead_key,
        consents.purpose,
        consents.status,
        consents.occurred_at,
        max(consents.occurred_at) over (
            partition by leads.lead_key, consents.purpose
        ) as newest_occurred_at
    from consents
    left join contacts_known
        on consents.contact_id = contacts_known.contact_id and contacts_known.is_today
    inner join leads
        on coalesce(contacts_known.lead_id, consents.contact_id) = leads.lead_id
    where
        leads.as_of_date = {{ as_of_date() }}
        and (
            consents.status != 'granted'
            or {{ local_date('consents.occurred_at') }} <= {{ as_of_date() }}
        )
),

newest as (
    select
        lead_key,
        purpose,
        occurred_at,
        max(status) as status
    from answered
    where occurred_at = newest_occurred_at
    group by lead_key, purpose, occurred_at
)

select
    newest.lead_key as answered_lead_key,
    newest.purpose as answered_purpose,
    newest.status as answered_status,
    newest.occurred_at as answered_at,
    lead_consents.lead_key as kept_lead_key,
    lead_consents.status as kept_status,
    lead_consents.occurred_at as kept_at
from newest
full outer join lead_consents
    on
        newest.lead_key = lead_consents.lead_key
        and newest.purpose = lead_consents.purpose
where
    newest.lead_key is null
    or lead_consents.lead_key is null
    or newest.occurred_at != lead_consents.occurred_at
    or newest.status != lead_consents.status
