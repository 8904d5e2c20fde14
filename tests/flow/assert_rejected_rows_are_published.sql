-- Every refused row and every event of an excluded lead is in fct_events_rejected,
-- once, with its reason. Fails when identity counts an event twice, for two leads, or
-- when a reason gets lost on the way. Only the last week is checked, since the events
-- would have to be read again. The bound on occurred_at changes no result, but lets an
-- engine skip files.
with

reading as (
    select * from {{ ref('int_reading') }}
),

events_rejected as (
    select * from {{ ref('fct_events_rejected') }}
),

events_refused as (
    select * from {{ ref('int_events_refused') }}
),

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

identifiers_linked as (
    select * from {{ ref('int_identifiers_linked') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

united as (
    select
        reason,
        count(*) as published_count,
        0 as expected_count
    from events_rejected
    where
        occurred_at >= cast({{ add_days(as_of_date(), -9) }} as timestamp)
        and event_date > {{ add_days(as_of_date(), -7) }}
    group by reason
    union all
    select
        reason,
        0 as published_count,
        count(*) as expected_count
    from events_refused
    where
        occurred_at is not null
        and event_date > {{ add_days(as_of_date(), -7) }}
    group by reason
    union all
    select
        leads.excluded_reason as reason,
        0 as published_count,
        sum(matches_daily.hits + matches_daily.machine_hits) as expected_count
    from matches_daily
    inner join matches
        on matches_daily.match_id = matches.match_id and matches.property is null
    inner join identifiers_linked
        on
            matches_daily.identifier_id = identifiers_linked.identifier_id
            and matches_daily.event_date >= identifiers_linked.valid_from_date
            and matches_daily.event_date < identifiers_linked.valid_to_date
    inner join leads
        on identifiers_linked.lead_key = leads.lead_key
    where
        leads.excluded_reason is not null
        and leads.as_of_date = {{ as_of_date() }}
        and matches_daily.event_date > {{ add_days(as_of_date(), -7) }}
    group by leads.excluded_reason
),

summed as (
    select
        reason,
        sum(published_count) as published_count,
        sum(expected_count) as expected_count
    from united
    group by reason
)

select *
from summed
where
    (published_count != expected_count or reason is null)
    -- The view has no events to show while their files are away.
    and (select reading.is_complete from reading)
