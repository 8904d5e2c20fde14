{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='user_agent',
    pre_hook="{{ forget_stale_rows() }}",
    post_hook="{{ note_reading() }}",
) }}
with

events as (
    select * from {{ ref('stg_landing__events') }}
),

machine_user_agents as (
    select * from {{ ref('machine_user_agents') }}
),

reading as (
    select * from {{ ref('int_reading') }}
),

seen as (
    select distinct user_agent
    from events
    where
        user_agent is not null
        and loaded_at <= (select reading.read_until from reading)
        and {{ is_unread() }}
),

flagged as (
    select
        seen.user_agent,
        count(machine_user_agents.pattern) > 0 as is_machine
    from seen
    left join machine_user_agents
        on contains(
            {{ lowered('seen.user_agent') }},
            {{ lowered('machine_user_agents.pattern') }}
        )
    group by seen.user_agent
)

select * from flagged
