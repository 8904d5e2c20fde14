{{ config(materialized='view') }}
-- A no is obeyed once it has landed; a yes waits for its day.
with

consents as (
    select * from {{ ref('stg_landing__consents') }}
),

counting as (
    select
        {{ hash_id(["'contact_id'", 'contact_id']) }} as identifier_id,
        purpose,
        status,
        occurred_at
    from consents
    where
        status != 'granted'
        or {{ local_date('occurred_at') }} <= {{ as_of_date() }}
)

select * from counting
