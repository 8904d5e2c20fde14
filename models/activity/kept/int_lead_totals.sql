with

lead_match_days as (
    {{ match_days_to_rebuild() }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

event_types as (
    select * from {{ ref('event_types') }}
),

totalled as (
    select
        lead_match_days.lead_key,
        cast(coalesce(
            sum(lead_match_days.hits) filter (where event_types.is_activity), 0
        ) as bigint) as events_count,
        cast(coalesce(
            sum(lead_match_days.hits)
            filter (where matches.event_type = 'order_completed'), 0
        ) as bigint) as orders_count,
        {{ rounded("coalesce(
            sum(lead_match_days.amount)
            filter (where matches.event_type = 'order_completed'), 0
        )", 6) }} as orders_amount,
        max(lead_match_days.event_date) filter (
            where matches.event_type = 'order_completed' and lead_match_days.hits > 0
        ) as last_order_date,
        min(lead_match_days.first_at) as first_event_at,
        max(lead_match_days.last_at) filter (
            where matches.event_type = 'order_completed' and lead_match_days.hits > 0
        ) as last_order_at,
        max(lead_match_days.last_at) filter (
            where matches.event_type = 'product_added' and lead_match_days.hits > 0
        ) as last_cart_at,
        max(lead_match_days.last_at) filter (
            where matches.event_type = 'product_viewed' and lead_match_days.hits > 0
        ) as last_product_view_at
    from lead_match_days
    inner join matches
        on lead_match_days.match_id = matches.match_id
    inner join event_types
        on matches.event_type = event_types.event_type
    where matches.property is null
    group by lead_match_days.lead_key
)

select * from totalled
