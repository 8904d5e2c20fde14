{{ config(materialized='view') }}
-- Everything that any leaf shows; each picks its columns (macro export_shapes).
with

segment_exports as (
    select * from {{ ref('fct_segment_exports') }}
),

segment_destinations as (
    select * from {{ ref('int_segment_destinations') }}
),

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

leads as (
    select * from {{ ref('dim_leads') }}
),

lead_recipients as (
    select * from {{ ref('int_lead_recipients') }}
),

lead_last_actions as (
    select * from {{ ref('int_lead_last_actions') }}
),

joined as (
    select
        segment_exports.segment || ':' || segment_exports.lead_id
        -- Sales is told of each crossing, the others of a member.
        || case
            when segment_exports.destination = 'sales'
                then ':' || cast(segment_exports.entered_on as string)
            else ''
        end as export_id,
        segment_exports.lead_id,
        segment_exports.segment,
        segment_exports.destination,
        segment_destinations.audience,
        lead_recipients.email,
        -- Consent to emails is none to calls and messages.
        case
            when segment_destinations.purpose != 'email' or leads.has_sms_consent
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
        lead_scores.stage,
        lead_scores.temperature,
        lead_scores.cell,
        lead_scores.next_action,
        lead_scores.price_tier,
        lead_scores.top_reason_1,
        lead_scores.top_reason_2,
        lead_scores.top_reason_3,
        lead_last_actions.last_action,
        cast({{ rounded('lead_scores.lead_score', 0) }} as integer) as lead_score,
        cast({{ rounded('lead_scores.engagement_score', 0) }} as integer)
            as engagement_score,
        cast({{ rounded('lead_scores.fit_score', 0) }} as integer) as fit_score,
        lead_scores.orders_count,
        {{ rounded('lead_scores.orders_amount', 2) }} as orders_amount,
        {{ rounded('greatest(lead_scores.orders_amount, 0)', 2) }} as value,
        lead_recipients.birth_date,
        lead_scores.last_activity_date,
        lead_last_actions.last_action_date,
        segment_exports.entered_on
    from segment_exports
    inner join segment_destinations
        on
            segment_exports.segment = segment_destinations.segment
            and segment_exports.destination = segment_destinations.destination
    inner join lead_scores
        on segment_exports.lead_id = lead_scores.lead_id
    inner join leads
        on segment_exports.lead_id = leads.lead_id
    inner join lead_recipients
        on segment_exports.lead_id = lead_recipients.lead_id
    left join lead_last_actions
        on segment_exports.lead_id = lead_last_actions.lead_id
    where segment_exports.is_exported
)

select * from joined
