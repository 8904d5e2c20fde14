{{ config(materialized='view') }}
-- A disqualified lead may be in no segment but its own.
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

paired as (
    select
        segmentable_leads.lead_id,
        segments.segment,
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
    cross join segments
    left join leads_cooling
        on segmentable_leads.lead_key = leads_cooling.lead_key
    where segmentable_leads.is_disqualified = (segments.segment = 'irrelevant')
)

select * from paired
