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

described as (
    select
        named.segment,
        named.destination,
        segments.audience,
        destinations.purpose,
        destinations.address,
        destinations.one_segment_per_lead
    from named
    inner join segments
        on named.segment = segments.segment
    inner join destinations
        on named.destination = destinations.destination
)

select * from described
