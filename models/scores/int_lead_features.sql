{{ config(materialized='view') }}
with

lead_scored as (
    select * from {{ ref('int_lead_scored') }}
),

lead_totals as (
    select * from {{ ref('int_lead_totals') }}
),

lead_occasions as (
    select * from {{ ref('int_lead_occasions') }}
),

described as (
    select
        lead_scored.lead_key,
        lead_scored.stage,
        lead_occasions.occasion,
        lead_scored.engagement_points,
        lead_scored.fit_points,
        cast(lead_scored.days_inactive as double) as days_inactive,
        cast(
            {{ days_between('lead_totals.last_order_date', 'lead_scored.as_of_date') }}
            as double
        ) as days_since_order,
        cast(lead_scored.observed_days as double) as observed_days,
        cast(coalesce(lead_totals.orders_count, 0) as double) as orders_count,
        cast(coalesce(lead_totals.orders_amount, 0) as double) as orders_amount,
        cast(coalesce(lead_totals.events_count, 0) as double) as events_count
    from lead_scored
    left join lead_totals
        on lead_scored.lead_key = lead_totals.lead_key
    left join lead_occasions
        on lead_scored.lead_key = lead_occasions.lead_key
)

select * from described
