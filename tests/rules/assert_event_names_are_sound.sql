-- Every name of an event stands for one event type; fails by naming the row. A test
-- holds up what lies below all that it reads: this one, the events.
with

event_types as (
    select * from {{ ref('event_types') }}
),

event_names as (
    select * from {{ ref('event_names') }}
),

problems as (
    select
        concat('event_types.csv, `', event_type, '`: ') as place,
        case
            when count(*) over (partition by event_type) > 1 then 'has two rows'
            when is_activity is null or is_conversion is null
                then 'is_activity and is_conversion must be true or false'
        end as problem
    from event_types
    union all
    select
        concat('event_names.csv, `', event_name, '` of `', source, '`: ') as place,
        case
            when source is null then 'source is blank: `*` stands for any source'
            when count(*) over (partition by source, {{ lowered('event_name') }}) > 1
                then 'is mapped twice'
            when
                event_type is null
                or event_type not in (select event_types.event_type from event_types)
                then concat('unknown event_type `', coalesce(event_type, ''), '`')
        end as problem
    from event_names
)

select concat(place, problem) as message
from problems
where problem is not null
