-- Where a destination takes a lead once, the lead is exported for one segment: the one
-- of highest priority for which nothing else stood in the way, even if the lead is held
-- out of it. Fails when somebody gets two campaigns, none at all, or one of lower
-- priority.
with

segment_exports as (
    select * from {{ ref('fct_segment_exports') }}
),

destinations as (
    select * from {{ ref('destinations') }}
),

eligible as (
    select
        segment_exports.lead_id,
        segment_exports.destination,
        segment_exports.priority,
        segment_exports.left_out_reason
    from segment_exports
    inner join destinations
        on
            segment_exports.destination = destinations.destination
            and destinations.one_segment_per_lead
    where coalesce(segment_exports.left_out_reason, '') not like 'no_%'
),

counted as (
    select
        lead_id,
        destination,
        count(*) filter (
            where coalesce(left_out_reason, 'holdout') = 'holdout'
        ) as segments_count,
        min(priority) as first_priority,
        min(priority) filter (
            where coalesce(left_out_reason, 'holdout') = 'holdout'
        ) as kept_priority
    from eligible
    group by lead_id, destination
)

select *
from counted
where segments_count != 1 or kept_priority != first_priority
