-- A shared browser changes owners: the grain is browser x scoring date x date it
-- changed owner. An owner outside the sample still ends the ownership of a sampled one.
with

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

links_daily as (
    select * from {{ ref('int_links_daily') }}
),

browsers as (
    select distinct
        links_daily.anonymous_identifier_id as identifier_id,
        known_identifiers.as_of_date
    from links_daily
    inner join known_identifiers
        on
            links_daily.known_identifier_id = known_identifiers.identifier_id
            and links_daily.event_date <= known_identifiers.as_of_date
),

owned as (
    select
        browsers.identifier_id,
        browsers.as_of_date,
        links_daily.event_date,
        known_identifiers.identity_key,
        known_identifiers.lead_key,
        row_number() over (
            partition by
                browsers.identifier_id, browsers.as_of_date, links_daily.event_date
            order by links_daily.last_at desc, known_identifiers.lead_id asc nulls last
        ) as place
    from browsers
    inner join links_daily
        on
            browsers.identifier_id = links_daily.anonymous_identifier_id
            and browsers.as_of_date >= links_daily.event_date
    left join known_identifiers
        on
            links_daily.known_identifier_id = known_identifiers.identifier_id
            and browsers.as_of_date = known_identifiers.as_of_date
),

handed_over as (
    select
        identifier_id,
        event_date,
        identity_key,
        lead_key,
        as_of_date,
        lag(event_date) over days as previous_date,
        lag(lead_key) over days as previous_lead_key
    from owned
    where place = 1
    window days as (
        partition by identifier_id, as_of_date
        order by event_date
    )
),

changed_hands as (
    select
        identifier_id,
        identity_key,
        lead_key,
        as_of_date,
        case
            when previous_date is null then cast('1900-01-01' as date)
            else event_date
        end as valid_from_date
    from handed_over
    where previous_date is null or lead_key is distinct from previous_lead_key
),

dated as (
    select
        identifier_id,
        identity_key,
        lead_key,
        as_of_date,
        valid_from_date,
        lead(valid_from_date, 1, cast('9999-12-31' as date)) over (
            partition by identifier_id, as_of_date
            order by valid_from_date
        ) as valid_to_date
    from changed_hands
),

sampled as (
    select
        identifier_id,
        identity_key,
        lead_key,
        as_of_date,
        valid_from_date,
        valid_to_date
    from dated
    where lead_key is not null
)

select * from sampled
