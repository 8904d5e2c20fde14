with

event_names as (
    select * from {{ ref('event_names') }}
),

shared as (
    select
        {{ lowered('event_name') }} as event_name,
        event_type
    from event_names
    where source = '*'
)

select * from shared
