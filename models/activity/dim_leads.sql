with

leads as (
    select * from {{ ref('int_leads') }}
),

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

lead_attributes as (
    select * from {{ ref('int_lead_attributes') }}
),

lead_permissions as (
    select * from {{ ref('int_lead_permissions') }}
),

lead_totals as (
    select * from {{ ref('int_lead_totals') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

contacts as (
    select
        {{ hash_id(["'contact_id'", 'lead_id']) }} as lead_key,
        count(*) as contacts_count,
        min(case
            when {{ local_date('created_at') }} <= {{ as_of_date() }} then created_at
        end) as created_at
    from contacts_known
    group by lead_id
),

attributes as (
    select
        lead_key,
        max(case when attribute = 'country' then value end) as country,
        max(case when attribute = 'region' then value end) as region,
        max(case when attribute = 'language' then value end) as language,
        max(case when attribute = 'industry' then value end) as industry,
        max(case when attribute = 'email_domain_kind' then value end)
            as email_domain_kind
    from lead_attributes
    group by lead_key
),

joined as (
    select
        leads.lead_id,
        leads.is_known,
        attributes.country,
        attributes.region,
        attributes.language,
        attributes.industry,
        attributes.email_domain_kind,
        coalesce(contacts.contacts_count, 0) as contacts_count,
        coalesce(lead_permissions.has_email_consent, false) as has_email_consent,
        coalesce(lead_permissions.has_sms_consent, false) as has_sms_consent,
        coalesce(lead_permissions.has_ads_consent, false) as has_ads_consent,
        coalesce(lead_permissions.has_profiling_objection, false)
            as has_profiling_objection,
        least(
            coalesce(lead_totals.first_event_at, contacts.created_at),
            coalesce(contacts.created_at, lead_totals.first_event_at)
        ) as first_seen_at,
        lead_spells.last_activity_at,
        lead_spells.last_activity_date
    from leads
    left join contacts
        on leads.lead_key = contacts.lead_key
    left join attributes
        on leads.lead_key = attributes.lead_key
    left join lead_permissions
        on leads.lead_key = lead_permissions.lead_key
    left join lead_totals
        on leads.lead_key = lead_totals.lead_key
    left join lead_spells
        on leads.lead_key = lead_spells.lead_key
    where leads.is_listed
),

observed as (
    select
        lead_id,
        country,
        region,
        language,
        industry,
        email_domain_kind,
        contacts_count,
        case
            when first_seen_at is not null
                then greatest(
                    0, {{ days_between(local_date('first_seen_at'), as_of_date()) }}
                )
        end as observed_days,
        is_known,
        has_email_consent,
        has_sms_consent,
        has_ads_consent,
        has_profiling_objection,
        last_activity_date,
        first_seen_at,
        last_activity_at
    from joined
)

select * from observed
