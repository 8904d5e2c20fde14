with

events_judged as (
    select * from {{ ref('int_events_judged') }}
),

events_repeated as (
    select * from {{ ref('int_events_repeated') }}
),

unrepeated as (
    select {{ accepted_event_columns('events_judged.') }}
    from events_judged
    left join events_repeated
        on
            events_judged.event_key = events_repeated.event_key
            and events_judged.event_date = events_repeated.event_date
    where
        events_judged.refused_reason is null
        and events_repeated.event_key is null
)

select * from unrepeated
