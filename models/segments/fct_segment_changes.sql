-- Between the two thresholds a lead is where it was before: in, if it was let in.
with

segment_history as (
    select * from {{ ref('int_segment_history') }}
),

leads_withdrawn as (
    select * from {{ ref('int_leads_withdrawn') }}
),

resolved as (
    select
        segment_history.lead_id,
        segment_history.segment,
        case segment_history.standing
            when 'in' then true
            when 'out' then false
            else coalesce(
                lag(segment_history.standing) over (
                    partition by segment_history.lead_id, segment_history.segment
                    order by segment_history.as_of_date
                ) = 'in',
                false
            )
        end as is_member,
        segment_history.as_of_date
    from segment_history
    left join leads_withdrawn
        on segment_history.lead_id = leads_withdrawn.lead_id
    where
        segment_history.segment != ''
        and segment_history.as_of_date <= {{ as_of_date() }}
        and leads_withdrawn.lead_id is null
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
)

select * from changed
