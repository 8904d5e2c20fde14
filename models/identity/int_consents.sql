{{ config(materialized='view') }}
-- A withdrawal counts as soon as it has landed; a grant counts only from its day on.
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
