-- fct_segment_exports tells of every member of every segment and of every destination
-- that segments.csv names for it, once. Fails when a lead is lost on the way, so that
-- nobody can say why it was not handed over, or made twice by a join.
with

segment_exports as (
    select * from {{ ref('fct_segment_exports') }}
),

segment_members as (
    select * from {{ ref('fct_segment_members') }}
),

segments as (
    select * from {{ ref('segments') }}
),

destinations as (
    select * from {{ ref('destinations') }}
),

expected as (
    select
        segment_members.segment,
        destinations.destination,
        segment_members.lead_id
    from segment_members
    inner join segments
        on segment_members.segment = segments.segment
    cross join destinations
    where
        contains(
            '|' || replace(segments.destinations, ' ', '') || '|',
            '|' || destinations.destination || '|'
        )
),

united as (
    select
        segment,
        destination,
        lead_id,
        1 as expected_count,
        0 as told_count
    from expected
    union all
    select
        segment,
        destination,
        lead_id,
        0 as expected_count,
        1 as told_count
    from segment_exports
)

select
    segment,
    destination,
    lead_id,
    sum(expected_count) as expected_count,
    sum(told_count) as told_count
from united
group by segment, destination, lead_id
having sum(expected_count) != 1 or sum(told_count) != 1
