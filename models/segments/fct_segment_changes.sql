-- Between the two thresholds a lead is where it was before: in, if it was let in. Every
-- standing in the history is another than the one before it: in segments where nobody
-- stands between, each is a change.
with

segment_history as {{ inlined() }} (
    select * from {{ ref('int_segment_history') }}
),

identifiers_withdrawn as (
    select * from {{ ref('int_identifiers_withdrawn') }}
),

recorded as {{ inlined() }} (
    select
        segment_history.lead_id,
        segment_history.segment,
        segment_history.standing,
        segment_history.as_of_date
    from segment_history
    left join identifiers_withdrawn
        on segment_history.lead_id = identifiers_withdrawn.lead_id
    where
        segment_history.segment != ''
        and segment_history.as_of_date <= {{ as_of_date() }}
        and identifiers_withdrawn.lead_id is null
),

hovering as (
    select
        segment,
        bool_or(standing = 'between') as is_hovered_at
    from segment_history
    group by segment
),

resolved as (
    select
        recorded.lead_id,
        recorded.segment,
        case recorded.standing
            when 'in' then true
            when 'out' then false
            else coalesce(
                lag(recorded.standing) over (
                    partition by recorded.lead_id, recorded.segment
                    order by recorded.as_of_date
                ) = 'in',
                false
            )
        end as is_member,
        recorded.as_of_date
    from recorded
    inner join hovering
        on recorded.segment = hovering.segment and hovering.is_hovered_at
),

compared as (
    select
        lead_id,
        segment,
        is_member,
        lag(is_member, 1, false) over (
            partition by lead_id, segment
            order by as_of_date
        ) as was_member,
        as_of_date
    from resolved
),

changed as (
    select
        lead_id,
        segment,
        case when is_member then 'entered' else 'exited' end as change,
        as_of_date
    from compared
    where is_member != was_member
    union all
    select
        recorded.lead_id,
        recorded.segment,
        case when recorded.standing = 'in' then 'entered' else 'exited' end as change,
        recorded.as_of_date
    from recorded
    inner join hovering
        on recorded.segment = hovering.segment and not hovering.is_hovered_at
)

select * from changed
