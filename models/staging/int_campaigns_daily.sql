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
        and {{ is_on_dates('touched', 0) }}
    group by identifier_id, event_type, campaign_id, event_date
)

select * from counted
