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
        destinations.purpose
    from named
    inner join destinations
        on named.destination = destinations.destination
    where destinations.purpose != ''
)

select * from asked
