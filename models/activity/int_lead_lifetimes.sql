with

leads as (
    select * from {{ ref('int_leads') }}
),

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

lead_totals as (
    select * from {{ ref('int_lead_totals') }}
),

contacts as (
    select
        lead_id,
        as_of_date,
        count(*) as contacts_count,
        min(case
            when {{ local_date('created_at') }} <= as_of_date then created_at
        end) as created_at
    from contacts_known
    group by lead_id, as_of_date
),

joined as (
    select
        leads.lead_key,
        coalesce(contacts.contacts_count, 0) as contacts_count,
        least(
            coalesce(lead_totals.first_event_at, contacts.created_at),
            coalesce(contacts.created_at, lead_totals.first_event_at)
        ) as first_seen_at,
        leads.as_of_date
    from leads
    left join contacts
        on leads.lead_id = contacts.lead_id and leads.as_of_date = contacts.as_of_date
    left join lead_totals
        on leads.lead_key = lead_totals.lead_key
    where leads.is_listed
),

observed as (
    select
        lead_key,
        contacts_count,
        case
            when first_seen_at is not null
                then greatest(
                    0, {{ days_between(local_date('first_seen_at'), 'as_of_date') }}
                )
        end as observed_days,
        first_seen_at
    from joined
)

select * from observed
