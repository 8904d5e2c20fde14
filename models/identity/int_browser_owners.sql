-- A shared browser changes hands: the grain is browser x date scored x date it changed
-- hands.
with

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

links_daily as (
    select * from {{ ref('int_links_daily') }}
),

owned as (
    select
        links_daily.anonymous_identifier_id as identifier_id,
        links_daily.event_date,
        known_identifiers.identity_key,
        known_identifiers.lead_key,
        known_identifiers.is_sampled,
        known_identifiers.as_of_date,
        row_number() over (
            partition by
                links_daily.anonymous_identifier_id,
                known_identifiers.as_of_date,
                links_daily.event_date
            order by links_daily.last_at desc, known_identifiers.lead_id asc
        ) as place
    from links_daily
    inner join known_identifiers
        on
            links_daily.known_identifier_id = known_identifiers.identifier_id
            and links_daily.event_date <= known_identifiers.as_of_date
),

handed_over as (
    select
        identifier_id,
        event_date,
        identity_key,
        lead_key,
        is_sampled,
        as_of_date,
        lag(lead_key) over (
            partition by identifier_id, as_of_date
            order by event_date
        ) as previous_lead_key
    from owned
    where place = 1
),

changed_hands as (
    select
        identifier_id,
        identity_key,
        lead_key,
        is_sampled,
        as_of_date,
        case
            when previous_lead_key is null then cast('1900-01-01' as date)
            else event_date
        end as valid_from_date
    from handed_over
    where previous_lead_key is null or previous_lead_key != lead_key
)

select * from changed_hands
