-- fct_segment_exports tells of every member of every segment and of every destination
-- that segments.csv names for it, once. Fails when a lead is lost on the way, so that
-- nobody can say why it was not handed over, made twice by a join or taken for another.
-- Leads are compared by their number and by the sum of their hashes, not one by one.
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

told as (
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
    told.segment as told_segment,
    told.destination as told_destination,
    told.leads_count as told_count
from expected
full outer join told
    on
        expected.segment = told.segment
        and expected.destination = told.destination
where
    expected.segment is null
    or told.segment is null
    or expected.leads_count != told.leads_count
    or expected.leads_sum != told.leads_sum
