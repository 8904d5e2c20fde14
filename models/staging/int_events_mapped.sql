-- A source's own name for an event has priority over the name that all sources share.
-- This view spans all history: it may read no CTE twice, or DuckDB keeps all columns of
-- the CTE in memory and skips no files.
with

events as (
    select * from {{ ref('stg_landing__events') }}
),

event_names_of_sources as (
    select * from {{ ref('int_event_names_of_sources') }}
),

event_names_shared as (
    select * from {{ ref('int_event_names_shared') }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates') }}
),

reading as (
    select * from {{ ref('int_reading') }}
),

mapped as (
    select
        events.event_id,
        events.source,
        events.event_name,
        coalesce(event_names_of_sources.event_type, event_names_shared.event_type)
            as event_type,
        events.anonymous_id,
        events.contact_id,
        events.email,
        events.session_id,
        events.channel,
        events.page_url,
        events.product_id,
        events.product_category,
        events.campaign_id,
        events.order_id,
        events.currency,
        events.user_agent,
        events.properties,
        events.quantity,
        events.amount,
        events.dwell_seconds,
        case
            when events.currency is null then 1
            else exchange_rates.rate
        end as exchange_rate,
        events.is_machine,
        events.event_date,
        events.occurred_at,
        events.received_at,
        events.loaded_at
    from events
    left join event_names_of_sources
        on
            events.source = event_names_of_sources.source
            and events.event_name = event_names_of_sources.event_name
    left join event_names_shared
        on events.event_name = event_names_shared.event_name
    left join exchange_rates
        on events.currency = exchange_rates.currency
    where events.loaded_at <= (select reading.read_until from reading)
)

select * from mapped
