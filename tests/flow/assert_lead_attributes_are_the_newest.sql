-- An attribute of a lead has the value stated last by as_of_date, in whichever table
-- and for whichever of the lead's contacts. Fails when an older value wins, when a
-- withdrawn value stays, or when a value is known too early in a replay. is_test is
-- left out: once true, it stays true.
with

contact_attributes as (
    select * from {{ ref('stg_landing__contact_attributes') }}
),

contact_facts as (
    select * from {{ ref('int_contact_facts') }}
),

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

lead_attributes as (
    select * from {{ ref('int_lead_attributes') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

said as (
    select
        contact_id,
        attribute,
        value,
        updated_at
    from contact_attributes
    where {{ local_date('updated_at') }} <= {{ as_of_date() }}
    union all
    select
        contact_id,
        attribute,
        value,
        updated_at
    from contact_facts
    where as_of_date = {{ as_of_date() }}
),

said_of_leads as (
    select
        leads.lead_key,
        said.attribute,
        said.value,
        said.updated_at,
        max(said.updated_at) over (
            partition by leads.lead_key, said.attribute
        ) as newest_updated_at
    from said
    left join contacts_known
        on said.contact_id = contacts_known.contact_id and contacts_known.is_today
    inner join leads
        on coalesce(contacts_known.lead_id, said.contact_id) = leads.lead_id
    where
        leads.is_listed
        and leads.as_of_date = {{ as_of_date() }}
        and said.attribute != 'is_test'
),

-- Of several values said in one moment any may be kept.
disagreeing as (
    select
        said_of_leads.lead_key,
        said_of_leads.attribute,
        max(said_of_leads.value) as newest_value,
        lead_attributes.value as kept_value
    from said_of_leads
    left join lead_attributes
        on
            said_of_leads.lead_key = lead_attributes.lead_key
            and said_of_leads.attribute = lead_attributes.attribute
    where said_of_leads.updated_at = said_of_leads.newest_updated_at
    group by
        said_of_leads.lead_key,
        said_of_leads.attribute,
        lead_attributes.value
    having
        count(*) filter (where said_of_leads.value = lead_attributes.value) = 0
        and (
            lead_attributes.value is not null
            or count(*) = count(said_of_leads.value)
        )
)

select * from disagreeing
