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
        segmentable_leads.engagement_score,
        segmentable_leads.orders_count,
        segmentable_leads.days_inactive,
        segment_members.entered_on,
        segmentable_leads.last_activity_date
    from segment_members
    inner join segmentable_leads
        on
            segment_members.lead_id = segmentable_leads.lead_id
            and segment_members.as_of_date = segmentable_leads.as_of_date
    where segment_members.segment = 'low_engagement'
)

select * from listed
