with

leads as (
    select * from {{ ref('int_leads') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

lead_attributes as (
    select * from {{ ref('int_lead_attributes') }}
),

lead_permissions as (
    select * from {{ ref('int_lead_permissions') }}
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
    where
        attribute in ('country', 'region', 'language', 'industry', 'email_domain_kind')
    group by lead_key
),

joined as (
    select
        leads.lead_id,
        attributes.country,
        attributes.region,
        attributes.language,
        attributes.industry,
        attributes.email_domain_kind,
        lead_spells.contacts_count,
        lead_spells.observed_days,
        leads.is_known,
        coalesce(lead_permissions.has_email_consent, false) as has_email_consent,
        coalesce(lead_permissions.has_sms_consent, false) as has_sms_consent,
        coalesce(lead_permissions.has_ads_consent, false) as has_ads_consent,
        lead_spells.last_activity_date,
        lead_spells.first_seen_at,
        lead_spells.last_activity_at
    from leads
    inner join lead_spells
        on leads.lead_key = lead_spells.lead_key
    left join attributes
        on leads.lead_key = attributes.lead_key
    left join lead_permissions
        on leads.lead_key = lead_permissions.lead_key
    where leads.as_of_date = {{ as_of_date() }}
)

select * from joined
