with

lead_consents as (
    select * from {{ ref('int_lead_consents') }}
),

spread as (
    select
        lead_key,
        bool_or(purpose = 'email' and status = 'granted') as has_email_consent,
        bool_or(purpose = 'sms' and status = 'granted') as has_sms_consent,
        bool_or(purpose = 'ads' and status = 'granted') as has_ads_consent
    from lead_consents
    group by lead_key
)

select * from spread
