{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_date',
    pre_hook="{{ forget_stale_rows() }}",
    post_hook="{{ note_reading() }}",
) }}
-- A repeated delivery of an event links as well as the first one: duplicates stay in.
with

events as (
    select * from {{ ref('stg_landing__events') }}
),

events_judged as (
    select * from {{ ref('int_events_judged') }}
),

{% if is_incremental() %}
    touched as (
        {{ event_dates_touched('events') }}
    ),
{% endif %}

linked as (
    select
        {{ hash_id(["'anonymous_id'", 'anonymous_id']) }} as anonymous_identifier_id,
        identifier_id as known_identifier_id,
        event_date,
        max(occurred_at) as last_at
    from events_judged
    where
        refused_reason is null
        and not is_machine
        and anonymous_id is not null
        and coalesce(contact_id, email) is not null
        {% if is_incremental() %}
            and {{ is_on_dates('touched') }}
        {% endif %}
    group by
        {{ hash_id(["'anonymous_id'", 'anonymous_id']) }}, identifier_id, event_date
)

select * from linked
