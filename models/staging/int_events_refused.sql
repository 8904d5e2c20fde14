{{ config(
    materialized='incremental',
    incremental_strategy='append',
    unique_key='loaded_at',
    pre_hook="{{ forget_stale_rows() }}",
    post_hook="{{ note_reading() }}",
) }}
-- The key is for engines without transactions: it keeps a repeated run, after one was
-- killed, from adding its rows twice.
with

events_judged as (
    select * from {{ ref('int_events_judged') }}
),

refused as (
    select
        source,
        event_id,
        event_name,
        refused_reason as reason,
        event_date,
        occurred_at,
        loaded_at
    from events_judged
    where
        refused_reason is not null
        and {{ is_unread() }}
)

select * from refused
