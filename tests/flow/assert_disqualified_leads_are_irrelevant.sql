-- A disqualified lead has a reason, is irrelevant, and is in the segment irrelevant
-- alone; no other lead is. Fails when a new segment does not leave disqualified leads
-- out.
with

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

segment_members as (
    select * from {{ ref('fct_segment_members') }}
),

disqualified as (
    select lead_id
    from lead_scores
    where is_disqualified
),

irrelevant as (
    select lead_id
    from segment_members
    where segment = 'irrelevant'
),

problems as (
    select
        lead_id,
        'temperature or reason' as problem
    from lead_scores
    where
        is_disqualified != (temperature = 'irrelevant')
        or is_disqualified != (disqualified_reason is not null)
    union all
    select
        coalesce(disqualified.lead_id, irrelevant.lead_id) as lead_id,
        'only one of disqualified and irrelevant' as problem
    from disqualified
    full outer join irrelevant
        on disqualified.lead_id = irrelevant.lead_id
    where disqualified.lead_id is null or irrelevant.lead_id is null
    union all
    select
        segment_members.lead_id,
        segment_members.segment as problem
    from segment_members
    inner join disqualified
        on segment_members.lead_id = disqualified.lead_id
    where segment_members.segment != 'irrelevant'
)

select * from problems
