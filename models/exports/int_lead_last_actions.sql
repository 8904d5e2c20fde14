-- Of several actions in the same moment the first by name counts.
with

leads as (
    select * from {{ ref('int_leads') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

lead_match_days as (
    select * from {{ ref('int_lead_match_days') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

event_types as (
    select * from {{ ref('event_types') }}
),

last_days as (
    select
        leads.lead_id,
        leads.lead_key,
        lead_spells.last_activity_date
    from leads
    inner join lead_spells
        on leads.lead_key = lead_spells.lead_key
    where leads.as_of_date = {{ as_of_date() }}
),

placed as (
    select
        last_days.lead_id,
        matches.event_type,
        lead_match_days.event_date,
        row_number() over (
            partition by last_days.lead_id
            order by lead_match_days.last_at desc, matches.event_type asc
        ) as place
    from last_days
    inner join lead_match_days
        on
            last_days.lead_key = lead_match_days.lead_key
            and last_days.last_activity_date = lead_match_days.event_date
    inner join matches
        on lead_match_days.match_id = matches.match_id and matches.property is null
    inner join event_types
        on matches.event_type = event_types.event_type and event_types.is_activity
    where lead_match_days.hits > 0
),

newest as (
    select
        lead_id,
        event_type as last_action,
        event_date as last_action_date
    from placed
    where place = 1
)

select * from newest
