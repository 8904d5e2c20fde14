-- Browsing before anybody identified belongs to the person who identified first.
with

person_identifiers as (
    select * from {{ ref('int_person_identifiers') }}
),

identifiers_erased as (
    select * from {{ ref('int_identifiers_erased') }}
),

consents as (
    select * from {{ ref('int_consents') }}
),

links_daily as (
    select * from {{ ref('int_links_daily') }}
),

identifiers_seen as (
    select * from {{ ref('int_identifiers_seen') }}
),

answered as (
    select
        person_identifiers.person_key,
        max(case when consents.status = 'withdrawn' then consents.occurred_at end)
            as withdrawn_at,
        max(case when consents.status = 'granted' then consents.occurred_at end)
            as granted_at
    from consents
    inner join person_identifiers
        on consents.identifier_id = person_identifiers.identifier_id
    where consents.purpose = 'profiling'
    group by person_identifiers.person_key
),

withdrawn as (
    select
        person_identifiers.person_key,
        'erased' as reason
    from person_identifiers
    inner join identifiers_erased
        on person_identifiers.identifier_id = identifiers_erased.identifier_id
    union distinct
    select
        person_key,
        'objected' as reason
    from answered
    where withdrawn_at >= coalesce(granted_at, withdrawn_at)
),

-- min() picks erased over objected: it comes first in the alphabet.
known as (
    select
        person_identifiers.identifier_id,
        person_identifiers.identifier_type,
        person_identifiers.lead_id,
        min(withdrawn.reason) as reason
    from person_identifiers
    inner join withdrawn
        on person_identifiers.person_key = withdrawn.person_key
    group by
        person_identifiers.identifier_id, person_identifiers.identifier_type,
        person_identifiers.lead_id
),

placed_links as (
    select
        anonymous_identifier_id,
        known_identifier_id,
        rank() over (
            partition by anonymous_identifier_id
            order by event_date asc, last_at desc
        ) as place
    from links_daily
),

browsers as (
    select
        identifiers_seen.identifier_id,
        identifiers_seen.identifier_type,
        identifiers_seen.identifier_name as lead_id,
        min(known.reason) as reason
    from placed_links
    inner join known
        on
            placed_links.known_identifier_id = known.identifier_id
            and placed_links.place = 1
    inner join identifiers_seen
        on placed_links.anonymous_identifier_id = identifiers_seen.identifier_id
    group by
        identifiers_seen.identifier_id, identifiers_seen.identifier_type,
        identifiers_seen.identifier_name
),

united as (
    select
        identifier_id,
        identifier_type,
        lead_id,
        reason
    from known
    union all
    select
        identifier_id,
        identifier_type,
        lead_id,
        reason
    from browsers
)

select * from united
