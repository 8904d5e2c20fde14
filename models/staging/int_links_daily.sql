{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_date, anonymous_identifier_id, known_identifier_id',
    pre_hook="{{ begin_after('int_events_repeated', 'int_user_agents') }}",
    post_hook="{{ note_reading() }}",
) }}
-- depends_on: {{ ref('stg_landing__events') }}
with

events_accepted as (
    select * from {{ ref('int_events_accepted') }}
),

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
        and {{ is_arrived() }}
    group by
        {{ hash_id(["'anonymous_id'", 'anonymous_id']) }}, identifier_id, event_date
),

added_up as (
    {{ added_up('linked', {
        'anonymous_identifier_id': none,
        'known_identifier_id': none,
        'event_date': none,
        'last_at': 'max(last_at)',
    }) }}
)

select * from added_up
