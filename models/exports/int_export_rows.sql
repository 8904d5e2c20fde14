{{ config(materialized='view') }}
-- Every column that any leaf shows; each leaf picks its own (macro export_shapes).
with

segment_exports as (
    select * from {{ ref('fct_segment_exports') }}
),

segment_destinations as (
    select * from {{ ref('int_segment_destinations') }}
),

exported_leads as (
    select * from {{ ref('int_exported_leads') }}
),

lead_recipients as (
    select * from {{ ref('int_lead_recipients') }}
),

joined as (
    select
        segment_exports.segment || ':' || segment_exports.lead_id
        -- Sales gets a new row each time a lead enters, the others one per lead.
        || case
            when segment_exports.destination = 'sales'
                then ':' || cast(segment_exports.entered_on as string)
            else ''
        end as export_id,
        segment_exports.lead_id,
        segment_exports.segment,
        segment_exports.destination,
        segment_destinations.audience,
        -- Consent to emails does not cover calls and text messages, and vice versa.
        case
            when
                segment_destinations.purpose != 'sms'
                or exported_leads.has_email_consent
                then lead_recipients.email
        end as email,
        case
            when
                segment_destinations.purpose != 'email'
                or exported_leads.has_sms_consent
                then lead_recipients.phone
        end as phone,
        lead_recipients.first_name,
        lead_recipients.last_name,
        lead_recipients.gender,
        lead_recipients.country,
        lead_recipients.region,
        lead_recipients.city,
        lead_recipients.postal_code,
        lead_recipients.language,
        lead_recipients.company,
        lead_recipients.job_title,
        exported_leads.stage,
        exported_leads.temperature,
        exported_leads.cell,
        exported_leads.next_action,
        exported_leads.price_tier,
        exported_leads.top_reason_1,
        exported_leads.top_reason_2,
        exported_leads.top_reason_3,
        exported_leads.last_action,
        exported_leads.lead_score,
        exported_leads.engagement_score,
        exported_leads.fit_score,
        exported_leads.orders_count,
        exported_leads.orders_amount,
        exported_leads.value,
        lead_recipients.birth_date,
        exported_leads.last_activity_date,
        exported_leads.last_action_date,
        segment_exports.entered_on
    from segment_exports
    inner join segment_destinations
        on
            segment_exports.segment = segment_destinations.segment
            and segment_exports.destination = segment_destinations.destination
    inner join exported_leads
        on segment_exports.lead_id = exported_leads.lead_id
    inner join lead_recipients
        on segment_exports.lead_id = lead_recipients.lead_id
    where segment_exports.is_exported
)

select * from joined
