-- By the minute: a shop whose rows are stamped one by one has no more of them.
with

events as (
    select * from {{ ref('stg_landing__events') }}
),

stamped as (
    select
        cast(date_trunc('minute', loaded_at) as timestamp) as loaded_minute,
        max(loaded_at) as loaded_until
    from events
    group by cast(date_trunc('minute', loaded_at) as timestamp)
)

select * from stamped
