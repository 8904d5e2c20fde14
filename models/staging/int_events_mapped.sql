-- A source's own name for an event goes before the name that all sources share.
with

stg_landing__events as (
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

landed as (
    select *
    from stg_landing__events
    where loaded_at <= (select reading.read_until from reading)
),

mapped as (
    select
        landed.event_id,
        landed.source,
        landed.event_name,
        coalesce(names_of_source.event_type, names_of_all.event_type) as event_type,
        landed.anonymous_id,
        landed.contact_id,
        landed.email,
        landed.session_id,
        landed.channel,
        landed.page_url,
        landed.product_id,
        landed.product_category,
        landed.campaign_id,
        landed.order_id,
        landed.currency,
        landed.user_agent,
        landed.properties,
        landed.quantity,
        landed.amount,
        landed.dwell_seconds,
        case
            when landed.currency is null then 1
            else exchange_rates.rate
        end as exchange_rate,
        landed.is_machine
        or coalesce(user_agents.is_machine, false) as is_machine,
        landed.event_date,
        landed.occurred_at,
        landed.received_at,
        landed.loaded_at
    from landed
    left join names_of_source
        on
            landed.source = names_of_source.source
            and landed.event_name = names_of_source.event_name
    left join names_of_all
        on landed.event_name = names_of_all.event_name
    left join exchange_rates
        on landed.currency = upper(trim(exchange_rates.currency))
    left join user_agents
        on landed.user_agent = user_agents.user_agent
)

select * from mapped
