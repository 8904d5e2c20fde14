with

members as (
    {{ union_segments(var('segments')) }}
),

segments as (
    select * from {{ ref('segments') }}
),

prioritised as (
    select
        members.lead_id,
        members.segment,
        segments.label,
        segments.priority,
        {{ is_held_out(
            'members.segment', 'members.lead_id', 'segments.holdout_percent'
        ) }} as is_holdout,
        cast(null as date) as entered_on,
        {{ as_of_date() }} as as_of_date
    from members
    inner join segments
        on members.segment = segments.segment
)

select * from prioritised
