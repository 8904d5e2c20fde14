with

events as (
    select * from {{ source('landing', 'events') }}
),

cleaned as (
    select
        {{ trimmed('event_id') }} as event_id,
        {{ trimmed('source') }} as source,
        {{ trimmed(lowered('event_name')) }} as event_name,
        {{ trimmed('anonymous_id') }} as anonymous_id,
        {{ trimmed('contact_id') }} as contact_id,
        case when email like '%@%' then {{ lowered(trimmed('email')) }} end as email,
        session_id,
        channel,
        page_url,
        product_id,
        product_category,
        {{ trimmed('campaign_id') }} as campaign_id,
        order_id,
        {{ trimmed('upper(currency)') }} as currency,
        user_agent,
        properties,
        quantity,
        amount,
        dwell_seconds,
        coalesce(is_machine, false) as is_machine,
        {{ local_date('occurred_at') }} as event_date,
        occurred_at,
        received_at,
        loaded_at
    from events
)

select * from cleaned
