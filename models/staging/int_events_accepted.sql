with

events_unrepeated as (
    select * from {{ ref('int_events_unrepeated') }}
),

events_repeated as (
    select * from {{ ref('int_events_repeated') }}
),

user_agents as (
    select * from {{ ref('int_user_agents') }}
),

united as (
    select {{ accepted_event_columns('') }}
    from events_unrepeated
    union all
    select {{ accepted_event_columns('') }}
    from events_repeated
    where not is_duplicate
),

accepted as (
    select
        {{ accepted_event_columns('united.') | replace('united.is_machine', '
            united.is_machine or coalesce(user_agents.is_machine, false) as is_machine
        ') }}
    from united
    left join user_agents
        on united.user_agent = user_agents.user_agent
)

select * from accepted
