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
    where
        events_judged.refused_reason is null
        -- Joined, a key that comes again a thousand times would meet each of them.
        and not exists (
            select 1
            from events_repeated
            where
                events_judged.event_key = events_repeated.event_key
                and events_judged.event_date = events_repeated.event_date
        )
)

select * from unrepeated
