-- fct_segment_exports has one row for every member of every segment and every
-- destination that segments.csv names for it. Fails when a lead is lost on the way, so
-- that nobody can say why it was not exported, doubled by a join, or taken for another.
-- Compares the number of leads and the sum of their hashes, not lead by lead.
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

members as (
    select
        segment,
        count(*) as leads_count,
        sum({{ hash_id(['lead_id']) }} % 1000000007) as leads_sum
    from segment_members
    group by segment
),

expected as (
    select
        members.segment,
        destinations.destination,
        members.leads_count,
        members.leads_sum
    from members
    inner join segments
        on members.segment = segments.segment
    cross join destinations
    where
        contains(
            '|' || replace(segments.destinations, ' ', '') || '|',
            '|' || destinations.destination || '|'
        )
),

found as (
    select
        segment,
        destination,
        count(*) as leads_count,
        sum({{ hash_id(['lead_id']) }} % 1000000007) as leads_sum
    from segment_exports
    group by segment, destination
)

select
    expected.segment,
    expected.destination,
    expected.leads_count as expected_count,
    found.segment as found_segment,
    found.destination as found_destination,
    found.leads_count as found_count
from expected
full outer join found
    on
        expected.segment = found.segment
        and expected.destination = found.destination
where
    expected.segment is null
    or found.segment is null
    or expected.leads_count != found.leads_count
    or expected.leads_sum != found.leads_sum
