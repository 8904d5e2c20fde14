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

lead_activity as (
    select * from {{ ref('int_lead_activity') }}
),

contacts as (
    select
        lead_key,
        count(*) as contacts_count,
        min(case
            when {{ local_date('created_at') }} <= as_of_date then created_at
        end) as created_at
    from contacts_known
    group by lead_key
),

joined as (
    select
        leads.lead_key,
        coalesce(contacts.contacts_count, 0) as contacts_count,
        leads.as_of_date,
        lead_activity.last_activity_date,
        lead_activity.spell_start_date,
        lead_activity.last_activity_at,
        least(
            coalesce(lead_totals.first_event_at, contacts.created_at),
            coalesce(contacts.created_at, lead_totals.first_event_at)
        ) as first_seen_at
    from leads
    left join contacts
        on leads.lead_key = contacts.lead_key
    left join lead_totals
        on leads.lead_key = lead_totals.lead_key
    left join lead_activity
        on leads.lead_key = lead_activity.lead_key
    where leads.is_listed
),

counted as (
    select
        lead_key,
        contacts_count,
        case
            when first_seen_at is not null
                then greatest(
                    0, {{ days_between(local_date('first_seen_at'), 'as_of_date') }}
                )
        end as observed_days,
        {{ days_between('last_activity_date', 'as_of_date') }} as days_inactive,
        as_of_date,
        last_activity_date,
        spell_start_date,
        last_activity_at,
        first_seen_at
    from joined
),

bounded as (
    select
        lead_key,
        contacts_count,
        observed_days,
        days_inactive,
        as_of_date,
        last_activity_date,
        -- Hits count from this date on; none count while a long silence still lasts.
        case
            when days_inactive >= {{ setting_number('inactivity_reset_days') }}
                then cast('9999-12-31' as date)
            else coalesce(spell_start_date, cast('1900-01-01' as date))
        end as counts_from_date,
        first_seen_at,
        last_activity_at
    from counted
)

select * from bounded
