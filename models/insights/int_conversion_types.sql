{{ config(materialized='view') }}
with

event_types as (
    select * from {{ ref('event_types') }}
),

chosen as (
    select event_type
    from event_types
    where
        event_type = {{ setting('backtest_conversion') }}
        or (is_conversion and {{ setting('backtest_conversion') }} is null)
)

select * from chosen
