-- A source's own name for an event goes before the name that all sources share.
with

stg_landing__events as (
    select * from {{ ref('stg_landing__events') }}
),

event_names as (
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
        stg_landing__events.event_id,
        stg_landing__events.source,
        stg_landing__events.event_name,
        coalesce(names_of_source.event_type, names_of_all.event_type) as event_type,
        stg_landing__events.anonymous_id,
        stg_landing__events.contact_id,
        stg_landing__events.email,
        stg_landing__events.session_id,
        stg_landing__events.channel,
        stg_landing__events.page_url,
        stg_landing__events.product_id,
        stg_landing__events.product_category,
        stg_landing__events.campaign_id,
        stg_landing__events.order_id,
        stg_landing__events.currency,
        stg_landing__events.user_agent,
        stg_landing__events.properties,
        stg_landing__events.quantity,
        stg_landing__events.amount,
        stg_landing__events.dwell_seconds,
        case
            when stg_landing__events.currency is null then 1
            else exchange_rates.rate
        end as exchange_rate,
        stg_landing__events.is_machine
        or coalesce(user_agents.is_machine, false) as is_machine,
        stg_landing__events.event_date,
        stg_landing__events.occurred_at,
        stg_landing__events.received_at,
        stg_landing__events.loaded_at
    from stg_landing__events
    left join names_of_source
        on
            stg_landing__events.source = names_of_source.source
            and stg_landing__events.event_name = names_of_source.event_name
    left join names_of_all
        on stg_landing__events.event_name = names_of_all.event_name
    left join exchange_rates
        on stg_landing__events.currency = upper(trim(exchange_rates.currency))
    left join user_agents
        on stg_landing__events.user_agent = user_agents.user_agent
    where stg_landing__events.loaded_at <= (select reading.read_until from reading)
)

select * from mapped
