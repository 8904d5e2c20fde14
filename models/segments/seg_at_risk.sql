with

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

leads_cooling as (
    select * from {{ ref('int_leads_cooling') }}
),

selected as (
    select
        segmentable_leads.lead_id,
        leads_cooling.score_then,
        leads_cooling.score_now,
        segmentable_leads.orders_count,
        segmentable_leads.days_inactive,
        segmentable_leads.last_activity_date
    from segmentable_leads
    inner join leads_cooling
        on segmentable_leads.lead_key = leads_cooling.lead_key
    where
        leads_cooling.score_then >= {{ setting_number('at_risk_min_score') }}
        and leads_cooling.score_then - leads_cooling.score_now
        >= {{ setting_number('at_risk_min_drop') }}
)

select * from selected
