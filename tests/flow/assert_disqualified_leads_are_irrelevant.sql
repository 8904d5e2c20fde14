-- A disqualified lead has a reason, is irrelevant and is in no segment but that one;
-- nobody else is. Fails when a new segment reads fct_lead_scores without leaving them
-- out.
with

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

segment_members as (
    select * from {{ ref('fct_segment_members') }}
),

placed as (
    select
        lead_scores.lead_id,
        lead_scores.is_disqualified,
        lead_scores.disqualified_reason,
        lead_scores.temperature,
        count(*) filter (where segment_members.segment = 'irrelevant')
            as irrelevant_count,
        count(*) filter (where segment_members.segment != 'irrelevant')
            as other_segments_count
    from lead_scores
    left join segment_members
        on lead_scores.lead_id = segment_members.lead_id
    group by
        lead_scores.lead_id,
        lead_scores.is_disqualified,
        lead_scores.disqualified_reason,
        lead_scores.temperature
)

select *
from placed
where
    is_disqualified != (temperature = 'irrelevant')
    or is_disqualified != (disqualified_reason is not null)
    or irrelevant_count != case when is_disqualified then 1 else 0 end
    or (is_disqualified and other_segments_count > 0)
