-- Every contact known by as_of_date belongs to one lead, which is in dim_leads unless
-- erased or objecting to profiling. Fails when a version is taken for a contact, when a
-- merge loses one of two contacts, or when a contact without events gets lost.
with

contacts as (
    select * from {{ ref('stg_landing__contacts') }}
),

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

resolved as (
    select * from {{ ref('int_leads') }}
),

leads as (
    select * from {{ ref('dim_leads') }}
),

landed as (
    select distinct contact_id
    from contacts
    where {{ local_date('updated_at') }} <= {{ as_of_date() }}
),

followed as (
    select
        landed.contact_id,
        count(contacts_known.lead_id) as contacts_known_count,
        count(resolved.lead_id) as resolved_count,
        count(leads.lead_id) as leads_count,
        max(resolved.excluded_reason) as excluded_reason
    from landed
    left join contacts_known
        on landed.contact_id = contacts_known.contact_id and contacts_known.is_today
    left join resolved
        on
            contacts_known.lead_id = resolved.lead_id
            and contacts_known.as_of_date = resolved.as_of_date
    left join leads
        on resolved.lead_id = leads.lead_id
    group by landed.contact_id
)

select *
from followed
where
    contacts_known_count != 1
    or resolved_count != 1
    or leads_count
    != case when excluded_reason in ('erased', 'objected') then 0 else 1 end
