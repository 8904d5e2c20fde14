{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='as_of_date',
    full_refresh=false,
) }}
-- What was recorded stays through a full refresh: the days are over.
with

segment_turns as (
    select * from {{ ref('int_segment_turns') }}
),

recorded as (
    select
        lead_id,
        segment,
        standing,
        as_of_date
    from segment_turns
)

select * from recorded
