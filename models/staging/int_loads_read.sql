{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='loaded_minute',
) }}
-- One row per minute keeps the table small even if every event has its own loaded_at.
with

loads_landed as (
    select * from {{ ref('int_loads_landed') }}
),

notes as (
    {{ reading_notes() }}
),

read_before as (
    {{ kept_rows('staging', 'int_loads_read', {
        'loaded_minute': 'timestamp',
        'loads_count': 'bigint',
        'late_count': 'bigint',
        'loaded_until': 'timestamp',
    }) }}
),

found as (
    select
        loaded_minute,
        count(*) as loads_count,
        count(*) filter (
            where loaded_at <= (select max(notes.read_until) from notes)
        ) as older_count,
        max(loaded_at) as loaded_until
    from loads_landed
    group by loaded_minute
),

known as (
    select
        loaded_minute,
        loads_count,
        late_count,
        loaded_until
    from read_before
    where {{ '1 = 1' if is_incremental() else '1 = 0' }}
),

merged as (
    select
        found.loaded_minute,
        greatest(found.loads_count, coalesce(known.loads_count, 0)) as loads_count,
        coalesce(known.late_count, 0)
        + greatest(found.older_count - coalesce(known.loads_count, 0), 0) as late_count,
        greatest(
            found.loaded_until, coalesce(known.loaded_until, found.loaded_until)
        ) as loaded_until
    from found
    left join known
        on found.loaded_minute = known.loaded_minute
)

select * from merged
