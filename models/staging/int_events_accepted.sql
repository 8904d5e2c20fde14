with

events_judged as (
    select * from {{ ref('int_events_judged') }}
),

events_repeated as {{ inlined() }} (
    select * from {{ ref('int_events_repeated') }}
),

accepted as (
    select {{ accepted_event_columns('events_judged.') }}
    from events_judged
    where
        events_judged.refused_reason is null
        and not exists (
            select 1
            from events_repeated
            where
                events_repeated.event_key = events_judged.event_key
                and events_repeated.event_date = events_judged.event_date
        )
    union all
    select {{ accepted_event_columns('') }}
    from events_repeated
    where not is_duplicate
)

select * from accepted
