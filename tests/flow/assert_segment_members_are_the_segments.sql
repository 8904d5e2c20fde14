-- fct_segment_members holds every lead of every segment, and nothing else. Fails when a
-- segment has no row in segments.csv, so that the join drops its members, or two rows.
with

segment_members as (
    select * from {{ ref('fct_segment_members') }}
),

leads as (
    select * from {{ ref('dim_leads') }}
),

members as (
    {{ union_segments(var('segments')) }}
),

united as (
    select
        segment,
        lead_id,
        1 as in_segment,
        0 as in_members
    from members
    union all
    select
        segment,
        lead_id,
        0 as in_segment,
        1 as in_members
    from segment_members
),

counted as (
    select
        segment,
        lead_id,
        sum(in_segment) as in_segment_count,
        sum(in_members) as in_members_count
    from united
    group by segment, lead_id
)

select *
from counted
where
    in_segment_count != 1
    or in_members_count != 1
    or lead_id not in (select leads.lead_id from leads)
