{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='identifier_id',
    pre_hook="{{ begin_after('int_events_repeated', 'int_matches_daily') }}",
    post_hook="{{ note_reading() }}",
) }}
-- depends_on: {{ ref('stg_landing__events') }}
-- depends_on: {{ ref('int_events_accepted') }}
with

events as (
    select * from {{ ref('stg_landing__events') }}
),

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
),

reading as (
    select * from {{ ref('int_reading') }}
),

{% if is_incremental() %}
    events_accepted as (
        select * from {{ ref('int_events_accepted') }}
    ),

    seen_before as (
        select * from {{ this }}
    ),
{% endif %}

arrived as (
    select
        identifier_id,
        min(event_date) as first_seen_date,
        max(event_date) as last_seen_date
    {% if is_incremental() %}
        from events_accepted
        where {{ is_arrived() }}
    {% else %}
        from matches_daily
    {% endif %}
    group by identifier_id
),

-- This includes identifiers of refused rows; the join leaves them out.
introduced as (
    select
        {{ identifier_id() }} as identifier_id,
        any_value(case
            when contact_id is not null then 'contact_id'
            when email is not null then 'email'
            else 'anonymous_id'
        end) as identifier_type,
        any_value(coalesce(contact_id, email, anonymous_id)) as identifier_value
    from events
    where
        loaded_at <= (select reading.read_until from reading)
        and {{ is_unread() }}
    group by {{ identifier_id() }}
),

named as (
    select
        identifier_id,
        identifier_type,
        {{ lead_name('identifier_type', 'identifier_value') }} as identifier_name,
        case
            when identifier_type = 'email' then split_part(identifier_value, '@', -1)
        end as email_domain,
        {{ sample_bucket(lead_name('identifier_type', 'identifier_value')) }} as bucket
    from introduced
),

merged as (
    select
        arrived.identifier_id,
        {% if is_incremental() %}
            coalesce(seen_before.identifier_type, named.identifier_type)
                as identifier_type,
            coalesce(seen_before.identifier_name, named.identifier_name)
                as identifier_name,
            coalesce(seen_before.email_domain, named.email_domain) as email_domain,
            coalesce(seen_before.bucket, named.bucket) as bucket,
            least(
                arrived.first_seen_date,
                coalesce(seen_before.first_seen_date, arrived.first_seen_date)
            ) as first_seen_date,
            greatest(
                arrived.last_seen_date,
                coalesce(seen_before.last_seen_date, arrived.last_seen_date)
            ) as last_seen_date
        {% else %}
            named.identifier_type,
            named.identifier_name,
            named.email_domain,
            named.bucket,
            arrived.first_seen_date,
            arrived.last_seen_date
        {% endif %}
    from arrived
    left join named
        on arrived.identifier_id = named.identifier_id
    {% if is_incremental() %}
        left join seen_before
            on arrived.identifier_id = seen_before.identifier_id
    {% endif %}
)

select * from merged
