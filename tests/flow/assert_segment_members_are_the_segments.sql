-- Every lead that meets a segment's condition today is a member, and every member meets
-- it or the condition for staying. Fails when the kept history and today's conditions
-- disagree.
with

segment_members as (
    select * from {{ ref('fct_segment_members') }}
),

segment_standings as (
    select * from {{ ref('int_segment_standings') }}
),

of_today as (
    select
        lead_id,
        segment,
        standing
    from segment_standings
    where as_of_date = {{ as_of_date() }}
)

select
    coalesce(of_today.lead_id, segment_members.lead_id) as lead_id,
    coalesce(of_today.segment, segment_members.segment) as segment,
    of_today.standing
from of_today
full outer join segment_members
    on
        of_today.lead_id = segment_members.lead_id
        and of_today.segment = segment_members.segment
where
    of_today.standing is null
    or (of_today.standing = 'in' and segment_members.lead_id is null)
