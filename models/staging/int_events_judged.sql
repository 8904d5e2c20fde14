-- The bounds are vars, not settings: DuckDB can only skip files by bounds that it knows
-- before it reads a table.
with

events_mapped as (
    select * from {{ ref('int_events_mapped') }}
),

judged as (
    select
        event_id,
        source,
        event_name,
        event_type,
        anonymous_id,
        contact_id,
        email,
        session_id,
        channel,
        page_url,
        product_id,
        product_category,
        campaign_id,
        order_id,
        currency,
        user_agent,
        properties,
        case
            when event_id is null or source is null then 'missing_event_id'
            when coalesce(contact_id, email, anonymous_id) is null
                then 'missing_identifier'
            when occurred_at is null then 'unparseable_timestamp'
            -- Adding hours is slow, so only rows that are ahead at all get that far.
            when
                occurred_at > least(coalesce(received_at, loaded_at), loaded_at)
                and occurred_at > {{ add_hours(
                    'least(coalesce(received_at, loaded_at), loaded_at)',
                    var('future_tolerance_hours'),
                ) }}
                then 'future_timestamp'
            when event_date < cast('{{ var('earliest_event_date') }}' as date)
                then 'implausible_timestamp'
            when event_type is null then 'unmapped_event_name'
            when amount < 0 and event_type != 'order_refunded' then 'negative_amount'
            when amount is not null and exchange_rate is null then 'unknown_currency'
        end as refused_reason,
        {{ hash_id(['source', 'event_id']) }} as event_key,
        {{ identifier_id() }} as identifier_id,
        quantity,
        amount,
        abs(amount) * exchange_rate as shop_amount,
        dwell_seconds,
        is_machine,
        event_date,
        occurred_at,
        received_at,
        loaded_at
    from events_mapped
)

select * from judged
