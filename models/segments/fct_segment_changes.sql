-- Between the two thresholds a lead stays what it was: a member or not. Each row of the
-- history differs from the one before: in segments without `between`, each is a change.
with

segment_history as {{ inlined() }} (
    select * from {{ ref('int_segment_history') }}
),

segment_turns as (
    select * from {{ ref('int_segment_turns') }}
),

segment_days_compared as (
    select * from {{ ref('int_segment_days_compared') }}
),

identifiers_withdrawn as (
    select * from {{ ref('int_identifiers_withdrawn') }}
),

-- Adds the days of this build that int_segment_history does not keep.
turned as {{ inlined() }} (
    select
        lead_id,
        segment,
        standing,
        as_of_date
    from segment_history
    union all
    select
        segment_turns.lead_id,
        segment_turns.segment,
        segment_turns.standing,
        segment_turns.as_of_date
    from segment_turns
    inner join segment_days_compared
        on
            segment_turns.as_of_date = segment_days_compared.as_of_date
            and not segment_days_compared.is_kept
),

recorded as {{ inlined() }} (
    select
        turned.lead_id,
        turned.segment,
        turned.standing,
        turned.as_of_date
    from turned
    left join identifiers_withdrawn
        on turned.lead_id = identifiers_withdrawn.lead_id
    where
        turned.segment != ''
        and turned.as_of_date <= {{ as_of_date() }}
        and identifiers_withdrawn.lead_id is null
),

hovering as (
    select
        segment,
        bool_or(standing = 'between') as is_hovered_at
    from turned
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
