{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='as_of_date',
    full_refresh=false,
) }}
-- A full refresh keeps what was recorded, because past days cannot be recorded again.
with

segment_turns as (
    select * from {{ ref('int_segment_turns') }}
),

segment_days_compared as (
    select * from {{ ref('int_segment_days_compared') }}
),

recorded as (
    select
        segment_turns.lead_id,
        segment_turns.segment,
        segment_turns.standing,
        segment_turns.as_of_date
    from segment_turns
    inner join segment_days_compared
        on
            segment_turns.as_of_date = segment_days_compared.as_of_date
            and segment_days_compared.is_kept
)

select * from recorded
