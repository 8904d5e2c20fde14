{{ config(materialized='view') }}
-- A disqualified lead can only be in segment irrelevant, and no other lead can.
with

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

leads_cooling as (
    select * from {{ ref('int_leads_cooling') }}
),

segments as (
    select * from {{ ref('segments') }}
),

-- Joined first, because the next step multiplies leads by segments.
joined as (
    select
        segmentable_leads.lead_id,
        segmentable_leads.temperature,
        segmentable_leads.lead_score,
        segmentable_leads.orders_count,
        segmentable_leads.orders_amount,
        segmentable_leads.days_inactive,
        segmentable_leads.observed_days,
        segmentable_leads.days_since_order,
        segmentable_leads.days_since_cart,
        segmentable_leads.days_since_view,
        segmentable_leads.top_percent,
        leads_cooling.score_then,
        leads_cooling.score_now,
        segmentable_leads.is_known,
        segmentable_leads.is_disqualified,
        segmentable_leads.as_of_date,
        segmentable_leads.last_order_at,
        segmentable_leads.last_cart_at,
        segmentable_leads.last_product_view_at
    from segmentable_leads
    left join leads_cooling
        on segmentable_leads.lead_key = leads_cooling.lead_key
),

paired as (
    select
        joined.lead_id,
        segments.segment,
        joined.temperature,
        joined.lead_score,
        joined.orders_count,
        joined.orders_amount,
        joined.days_inactive,
        joined.observed_days,
        joined.days_since_order,
        joined.days_since_cart,
        joined.days_since_view,
        joined.top_percent,
        joined.score_then,
        joined.score_now,
        joined.is_known,
        joined.is_disqualified,
        joined.as_of_date,
        joined.last_order_at,
        joined.last_cart_at,
        joined.last_product_view_at
    from joined
    cross join segments
    where joined.is_disqualified = (segments.segment = 'irrelevant')
)

select * from paired
