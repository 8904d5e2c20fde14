-- Every lead that is exported to a destination has granted its purpose by as_of_date,
-- through one of its contacts, and has not withdrawn it since, not even after
-- as_of_date. Fails when somebody who did not agree would see ads or get letters. Reads
-- the landed consents, not the models made of them.
with

segment_exports as (
    select * from {{ ref('fct_segment_exports') }}
),

destinations as (
    select * from {{ ref('destinations') }}
),

consents as (
    select * from {{ ref('stg_landing__consents') }}
),

lead_contacts as (
    select * from {{ ref('dim_lead_contacts') }}
),

answered as (
    select
        lead_contacts.lead_id,
        consents.purpose,
        max(case when consents.status = 'granted' then consents.occurred_at end)
            as granted_at,
        max(case when consents.status != 'granted' then consents.occurred_at end)
            as withdrawn_at
    from consents
    inner join lead_contacts
        on consents.contact_id = lead_contacts.contact_id
    where
        consents.status != 'granted'
        or {{ local_date('consents.occurred_at') }} <= {{ as_of_date() }}
    group by lead_contacts.lead_id, consents.purpose
)

select
    segment_exports.lead_id,
    segment_exports.destination,
    destinations.purpose,
    answered.granted_at,
    answered.withdrawn_at
from segment_exports
left join destinations
    on segment_exports.destination = destinations.destination
left join answered
    on
        segment_exports.lead_id = answered.lead_id
        and destinations.purpose = answered.purpose
where
    segment_exports.is_exported
    and (answered.granted_at is null or answered.withdrawn_at > answered.granted_at)
