{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='loaded_minute',
) }}
with

loads_landed as (
    select * from {{ ref('int_loads_landed') }}
),

known as (
    select loaded_minute
    from loads_landed
)

select * from known
