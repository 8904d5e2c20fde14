with

event_names as (
    select * from {{ ref('event_names') }}
),

of_sources as (
    select
        source,
        {{ lowered('event_name') }} as event_name,
        event_type
    from event_names
    where source != '*'
)

select * from of_sources
