-- Among actions with the same timestamp, the first by name counts. Only exported leads
-- need their last action, so the days of all other leads are not read.
with

segment_exports as (
    select * from {{ ref('fct_segment_exports') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

identifiers_scored as (
    select * from {{ ref('int_identifiers_scored') }}
),

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

event_types as (
    select * from {{ ref('event_types') }}
),

exported as (
    select distinct lead_id
    from segment_exports
    where is_exported
),

last_days as (
    select
        leads.lead_id,
        identifiers_scored.identifier_id,
        lead_spells.last_activity_date
    from exported
    inner join leads
        on exported.lead_id = leads.lead_id
    inner join lead_spells
        on leads.lead_key = lead_spells.lead_key
    inner join identifiers_scored
        on
            leads.lead_key = identifiers_scored.lead_key
            and lead_spells.last_activity_date >= identifiers_scored.valid_from_date
            and lead_spells.last_activity_date < identifiers_scored.valid_to_date
    where leads.as_of_date = {{ as_of_date() }}
),

placed as (
    select
        last_days.lead_id,
        matches.event_type,
        matches_daily.event_date,
        row_number() over (
            partition by last_days.lead_id
            order by matches_daily.last_at desc, matches.event_type asc
        ) as place
    from last_days
    inner join matches_daily
        on
            last_days.identifier_id = matches_daily.identifier_id
            and last_days.last_activity_date = matches_daily.event_date
    inner join matches
        on matches_daily.match_id = matches.match_id and matches.property is null
    inner join event_types
        on matches.event_type = event_types.event_type and event_types.is_activity
    where matches_daily.hits > 0
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
