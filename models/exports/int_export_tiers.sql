-- Totals name no person, so all members count, with or without consent.
with

segment_members as (
    select * from {{ ref('fct_segment_members') }}
),

segment_destinations as (
    select * from {{ ref('int_segment_destinations') }}
),

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

counted as (
    select
        segment_members.segment || ':' || lead_scores.price_tier as export_id,
        segment_members.segment,
        segment_destinations.audience,
        lead_scores.price_tier,
        count(*) as leads_count
    from segment_members
    inner join segment_destinations
        on
            segment_members.segment = segment_destinations.segment
            and segment_destinations.destination = 'pricing'
    inner join lead_scores
        on segment_members.lead_id = lead_scores.lead_id
    where lead_scores.price_tier is not null
    group by
        segment_members.segment,
        segment_destinations.audience,
        lead_scores.price_tier
)

select * from counted
