{{ config(materialized='view') }}
with

segments as (
    select * from {{ ref('segments') }}
),

destinations as (
    select * from {{ ref('destinations') }}
),

named as (
    {{ named_destinations('segments') }}
),

asked as (
    select distinct
        named.segment,
        lower(trim(destinations.purpose)) as purpose
    from named
    inner join destinations
        on named.destination = trim(destinations.destination)
    where trim(destinations.purpose) != ''
)

select * from asked
