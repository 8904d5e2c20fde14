with

segment_changes as (
    select * from {{ ref('fct_segment_changes') }}
),

segments as (
    select * from {{ ref('segments') }}
),

newest as (
    select
        lead_id,
        segment,
        max_by(change, as_of_date) as change,
        max(as_of_date) as changed_on
    from segment_changes
    group by lead_id, segment
),

prioritised as (
    select
        newest.lead_id,
        newest.segment,
        segments.label,
        segments.priority,
        {{ is_held_out(
            'newest.segment', 'newest.lead_id', 'segments.holdout_percent'
        ) }} as is_holdout,
        newest.changed_on as entered_on,
        {{ as_of_date() }} as as_of_date
    from newest
    inner join segments
        on newest.segment = segments.segment
    where newest.change = 'entered'
)

select * from prioritised
