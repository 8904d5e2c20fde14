with

segment_changes as {{ inlined() }} (
    select * from {{ ref('fct_segment_changes') }}
),

segments as (
    select * from {{ ref('segments') }}
),

exited as (
    select
        lead_id,
        segment,
        max(as_of_date) as exited_on
    from segment_changes
    where change = 'exited'
    group by lead_id, segment
),

-- Most leads never exited, so this is cheaper than looking for each newest change.
entered as (
    select
        segment_changes.lead_id,
        segment_changes.segment,
        segment_changes.as_of_date as entered_on
    from segment_changes
    left join exited
        on
            segment_changes.lead_id = exited.lead_id
            and segment_changes.segment = exited.segment
    where
        segment_changes.change = 'entered'
        and (exited.exited_on is null or segment_changes.as_of_date > exited.exited_on)
),

prioritised as (
    select
        entered.lead_id,
        entered.segment,
        segments.label,
        segments.priority,
        {{ is_held_out(
            'entered.segment', 'entered.lead_id', 'segments.holdout_percent'
        ) }} as is_holdout,
        entered.entered_on,
        {{ as_of_date() }} as as_of_date
    from entered
    inner join segments
        on entered.segment = segments.segment
)

select * from prioritised
