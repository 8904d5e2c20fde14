with

segment_members as (
    select * from {{ ref('fct_segment_members') }}
),

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

listed as (
    select
        segmentable_leads.lead_id,
        segmentable_leads.disqualified_reason,
        segmentable_leads.lead_score,
        segment_members.entered_on
    from segment_members
    inner join segmentable_leads
        on
            segment_members.lead_id = segmentable_leads.lead_id
            and segment_members.as_of_date = segmentable_leads.as_of_date
    where segment_members.segment = 'irrelevant'
)

select * from listed
