-- A source's own name for an event goes before the name that all sources share.
with

events as (
    select * from {{ ref('stg_landing__events') }}
),

event_names as {{ inlined() }} (
    select * from {{ ref('event_names') }}
),

exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

user_agents as (
    select * from {{ ref('int_user_agents') }}
),

reading as (
    select * from {{ ref('int_reading') }}
),

names_of_source as (
    select
        source,
        lower(trim(event_name)) as event_name,
        event_type
    from event_names
    where source != '*'
),

names_of_all as (
    select
        lower(trim(event_name)) as event_name,
        event_type
    from event_names
    where source = '*'
),

mapped as (
    select
        events.event_id,
        events.source,
        events.event_name,
        coalesce(names_of_source.event_type, names_of_all.event_type) as event_type,
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
        events.is_machine
        or coalesce(user_agents.is_machine, false) as is_machine,
        events.event_date,
        events.occurred_at,
        events.received_at,
        events.loaded_at
    from events
    left join names_of_source
        on
            events.source = names_of_source.source
            and events.event_name = names_of_source.event_name
    left join names_of_all
        on events.event_name = names_of_all.event_name
    left join exchange_rates
        on events.currency = upper(trim(exchange_rates.currency))
    left join user_agents
        on events.user_agent = user_agents.user_agent
    where events.loaded_at <= (select reading.read_until from reading)
)

select * from mapped
