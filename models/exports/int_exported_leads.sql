-- The leaves join these leads instead of all leads. Personal data is stored in the
-- leaves only.
with

segment_exports as (
    select * from {{ ref('fct_segment_exports') }}
),

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

leads as (
    select * from {{ ref('dim_leads') }}
),

lead_last_actions as (
    select * from {{ ref('int_lead_last_actions') }}
),

exported as (
    select distinct lead_id
    from segment_exports
    where is_exported
),

described as (
    select
        lead_scores.lead_id,
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
        leads.has_email_consent,
        leads.has_sms_consent,
        lead_scores.last_activity_date,
        lead_last_actions.last_action_date
    from exported
    inner join lead_scores
        on exported.lead_id = lead_scores.lead_id
    inner join leads
        on exported.lead_id = leads.lead_id
    left join lead_last_actions
        on exported.lead_id = lead_last_actions.lead_id
)

select * from described
