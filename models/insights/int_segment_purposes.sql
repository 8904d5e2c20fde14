{{ config(materialized='view') }}
with

segments as (
    select * from {{ ref('segments') }}
),

destinations as (
    select * from {{ ref('destinations') }}
),

asked as (
    select distinct
        segments.segment,
        lower(trim(destinations.purpose)) as purpose
    from segments
    inner join destinations
        on contains(
            concat('|', replace(segments.destinations, ' ', ''), '|'),
            concat('|', trim(destinations.destination), '|')
        )
    where trim(destinations.purpose) != ''
)

select * from asked
