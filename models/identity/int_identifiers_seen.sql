{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='identifier_id',
    pre_hook="{{ forget_stale_rows() }}",
    post_hook="{{ note_reading() }}",
) }}
with

events_accepted as (
    select * from {{ ref('int_events_accepted') }}
),

{% if is_incremental() %}
    seen_before as (
        select * from {{ this }}
    ),
{% endif %}

arrived as (
    select
        identifier_id,
        any_value(case
            when contact_id is not null then 'contact_id'
            when email is not null then 'email'
            else 'anonymous_id'
        end) as identifier_type,
        any_value(coalesce(contact_id, email, anonymous_id)) as identifier_value,
        min(event_date) as first_seen_date,
        max(event_date) as last_seen_date
    from events_accepted
    where {{ is_unread() }}
    group by identifier_id
),

named as (
    select
        identifier_id,
        identifier_type,
        {{ lead_name('identifier_type', 'identifier_value') }} as identifier_name,
        case
            when identifier_type = 'email' then split_part(identifier_value, '@', -1)
        end as email_domain,
        {{ stable_bucket(
            "'sample:' || " ~ lead_name('identifier_type', 'identifier_value')
        ) }} as bucket,
        first_seen_date,
        last_seen_date
    from arrived
),

merged as (
    select
        named.identifier_id,
        named.identifier_type,
        named.identifier_name,
        named.email_domain,
        named.bucket,
        {% if is_incremental() %}
            least(
                named.first_seen_date,
                coalesce(seen_before.first_seen_date, named.first_seen_date)
            ) as first_seen_date,
            greatest(
                named.last_seen_date,
                coalesce(seen_before.last_seen_date, named.last_seen_date)
            ) as last_seen_date
        {% else %}
            named.first_seen_date,
            named.last_seen_date
        {% endif %}
    from named
    {% if is_incremental() %}
        left join seen_before
            on named.identifier_id = seen_before.identifier_id
    {% endif %}
)

select * from merged
