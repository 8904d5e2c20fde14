with

events_judged as (
    select * from {{ ref('int_events_judged') }}
),

events_repeated as (
    select * from {{ ref('int_events_repeated') }}
),

-- Distinct, because a key may be repeated a thousand times a day.
days_repeated as (
    select distinct
        event_key,
        event_date
    from events_repeated
),

unrepeated as (
    select {{ accepted_event_columns('events_judged.') }}
    from events_judged
    left join days_repeated
        on
            events_judged.event_key = days_repeated.event_key
            and events_judged.event_date = days_repeated.event_date
    where
        events_judged.refused_reason is null
        and days_repeated.event_key is null
)

select * from unrepeated
