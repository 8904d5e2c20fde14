with

events_unrepeated as (
    select * from {{ ref('int_events_unrepeated') }}
),

events_repeated as (
    select * from {{ ref('int_events_repeated') }}
),

accepted as (
    select {{ accepted_event_columns('') }}
    from events_unrepeated
    union all
    select {{ accepted_event_columns('') }}
    from events_repeated
    where not is_duplicate
)

select * from accepted
