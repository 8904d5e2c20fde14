{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_date, identifier_id, event_type, campaign_id',
    pre_hook="{{ forget_stale_rows() }}",
    post_hook="{{ note_reading() }}",
) }}
-- depends_on: {{ ref('stg_landing__events') }}
with

events_accepted as (
    select * from {{ ref('int_events_accepted') }}
),

counted as (
    select
        identifier_id,
        event_type,
        campaign_id,
        count(*) as hits,
        event_date
    from events_accepted
    where
        not is_machine
        and campaign_id is not null
        and {{ is_arrived() }}
    group by identifier_id, event_type, campaign_id, event_date
),

added_up as (
    {{ added_up('counted', {
        'identifier_id': none,
        'event_type': none,
        'campaign_id': none,
        'hits': 'cast(sum(hits) as bigint)',
        'event_date': none,
    }) }}
)

select * from added_up
