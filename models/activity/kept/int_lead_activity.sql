with

lead_match_days as (
    {{ match_days_to_rebuild() }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

event_types as (
    select * from {{ ref('event_types') }}
),

active_days as (
    select
        lead_match_days.lead_key,
        lead_match_days.event_date,
        max(lead_match_days.last_at) as last_at
    from lead_match_days
    inner join matches
        on lead_match_days.match_id = matches.match_id and matches.property is null
    inner join event_types
        on matches.event_type = event_types.event_type and event_types.is_activity
    where lead_match_days.hits > 0
    group by lead_match_days.lead_key, lead_match_days.event_date
),

spaced as (
    select
        lead_key,
        event_date,
        last_at,
        lag(event_date) over (
            partition by lead_key
            order by event_date
        ) as previous_date
    from active_days
),

spells as (
    select
        lead_key,
        max(event_date) as last_activity_date,
        max(case
            when
                {{ days_between('previous_date', 'event_date') }}
                >= {{ setting_number('inactivity_reset_days') }}
                then event_date
        end) as spell_start_date,
        max(last_at) as last_activity_at
    from spaced
    group by lead_key
)

select * from spells
