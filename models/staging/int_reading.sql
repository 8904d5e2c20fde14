{{ config(materialized='table', post_hook="{{ refuse_lost_events() }}") }}
-- One row, fixed before anything is read: every model leaves a load that arrives during
-- the build to the next build. Files that were read may be moved away.
with

loads_landed as (
    select * from {{ ref('int_loads_landed') }}
),

loads_read as (
    select * from {{ ref('int_loads_read') }}
),

event_names as (
    select * from {{ ref('event_names') }}
),

exchange_rates as (
    select * from {{ ref('int_exchange_rates') }}
),

machine_user_agents as (
    select * from {{ ref('machine_user_agents') }}
),

settings as (
    select * from {{ ref('settings') }}
),

fingerprinted as (
    select
        {{ hash_id(["'event_names'", 'source', 'event_name', 'event_type']) }}
            as row_hash
    from event_names
    union all
    select
        {{ hash_id(["'exchange_rates'", 'currency', 'cast(rate as string)']) }}
            as row_hash
    from exchange_rates
    union all
    select
        {{ hash_id(["'machine_user_agents'", 'pattern']) }}
            as row_hash
    from machine_user_agents
    union all
    select
        {{ hash_id(["'settings'", 'setting', "coalesce(value, '')"]) }}
            as row_hash
    from settings
    where setting = 'duplicate_window_days'
    union all
    select
        {{ hash_id(["'late_loads'", 'loaded_minute', 'late_count']) }} as row_hash
    from loads_read
    where late_count > 0
    union all
    select
        {{ hash_id([
            "'vars'",
            "'" ~ var('timezone') ~ "'",
            "'" ~ var('future_tolerance_hours') ~ "'",
            "'" ~ var('earliest_event_date') ~ "'",
        ]) }} as row_hash
),

accepting as (
    select cast(sum(row_hash % 1000000007) as bigint) as acceptance_id
    from fingerprinted
),

landed as (
    select
        coalesce(sum(loads_count), 0) as loads_count,
        coalesce(max(loaded_until), timestamp '1900-01-01 00:00:00') as landed_until
    from loads_read
),

still_there as (
    select count(*) as loads_count
    from loads_landed
    where loaded_at <= (select landed.landed_until from landed)
),

notes as (
    {{ reading_notes() }}
),

noted as (
    select
        accepting.acceptance_id,
        coalesce(max(notes.read_until), timestamp '1900-01-01 00:00:00') as noted_until,
        coalesce(
            max(notes.read_until)
            filter (where notes.acceptance_id = accepting.acceptance_id),
            timestamp '1900-01-01 00:00:00'
        ) as read_from
    from accepting
    left join notes
        on notes.model_name = 'int_matches_daily'
    group by accepting.acceptance_id
),

reading as (
    select
        noted.acceptance_id,
        still_there.loads_count >= landed.loads_count as is_complete,
        noted.noted_until,
        noted.read_from,
        greatest(landed.landed_until, noted.read_from) as read_until
    from noted
    cross join landed
    cross join still_there
)

select * from reading
