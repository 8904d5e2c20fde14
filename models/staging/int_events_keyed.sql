-- Repeated keys are looked for in these few columns only: reading all would be slow.
with

events as (
    select * from {{ ref('stg_landing__events') }}
),

reading as (
    select * from {{ ref('int_reading') }}
),

keyed as (
    select
        {{ hash_id(['source', 'event_id']) }} as event_key,
        event_date,
        occurred_at,
        loaded_at
    from events
    where loaded_at <= (select reading.read_until from reading)
)

select * from keyed
