with

events as (
    select * from {{ ref('stg_landing__events') }}
),

stamped as (
    select
        cast(date_trunc('minute', loaded_at) as timestamp) as loaded_minute,
        loaded_at
    from events
    group by loaded_at
)

select * from stamped
