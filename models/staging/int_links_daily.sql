{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_date',
    pre_hook="{{ forget_stale_rows() }}",
    post_hook="{{ note_reading() }}",
) }}
-- depends_on: {{ ref('stg_landing__events') }}
with

events_accepted as (
    select * from {{ ref('int_events_accepted') }}
),

{% if is_incremental() %}
    events as (
        select * from {{ ref('stg_landing__events') }}
    ),

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
    from events_accepted
    where
        not is_machine
        and anonymous_id is not null
        and coalesce(contact_id, email) is not null
        and {{ is_on_dates('touched', 0) }}
    group by
        {{ hash_id(["'anonymous_id'", 'anonymous_id']) }}, identifier_id, event_date
)

select * from linked
