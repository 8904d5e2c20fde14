{{ config(materialized='view') }}
with

lead_ranked as (
    select * from {{ ref('int_lead_ranked') }}
),

lead_occasions as (
    select * from {{ ref('int_lead_occasions') }}
),

described as (
    select
        lead_ranked.lead_key,
        lead_ranked.stage,
        lead_occasions.occasion,
        lead_ranked.engagement_points,
        lead_ranked.fit_points,
        cast(lead_ranked.days_inactive as double) as days_inactive,
        cast(
            {{ days_between('lead_ranked.last_order_date', 'lead_ranked.as_of_date') }}
            as double
        ) as days_since_order,
        cast(lead_ranked.observed_days as double) as observed_days,
        cast(lead_ranked.orders_count as double) as orders_count,
        lead_ranked.orders_amount,
        cast(lead_ranked.events_count as double) as events_count
    from lead_ranked
    left join lead_occasions
        on lead_ranked.lead_key = lead_occasions.lead_key
)

select * from described
