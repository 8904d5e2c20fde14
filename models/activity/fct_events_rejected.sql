{{ config(materialized='view') }}
-- Events of excluded leads are rejected here and not in staging: that somebody is a
-- test contact, is staff, was erased or objects to profiling may become known later.
with

events_refused as (
    select * from {{ ref('int_events_refused') }}
),

events_accepted as (
    select * from {{ ref('int_events_accepted') }}
),

identifiers_linked as (
    select * from {{ ref('int_identifiers_linked') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

excluded as (
    select
        events_accepted.event_id,
        events_accepted.source,
        cast(null as string) as event_name,
        leads.excluded_reason as reason,
        events_accepted.event_date,
        events_accepted.occurred_at,
        events_accepted.loaded_at
    from events_accepted
    inner join identifiers_linked
        on
            events_accepted.identifier_id = identifiers_linked.identifier_id
            and events_accepted.event_date >= identifiers_linked.valid_from_date
            and events_accepted.event_date < identifiers_linked.valid_to_date
            and identifiers_linked.as_of_date = {{ as_of_date() }}
    inner join leads
        on identifiers_linked.lead_key = leads.lead_key
    where leads.excluded_reason is not null
),

united as (
    select
        event_id,
        source,
        event_name,
        reason,
        event_date,
        occurred_at,
        loaded_at
    from events_refused
    union all
    select
        event_id,
        source,
        event_name,
        reason,
        event_date,
        occurred_at,
        loaded_at
    from excluded
)

select * from united
