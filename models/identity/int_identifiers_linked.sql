-- A shared browser changes hands: the grain is identifier x date it changed hands.
with

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

links_daily as (
    select * from {{ ref('int_links_daily') }}
),

identifiers_seen as (
    select * from {{ ref('int_identifiers_seen') }}
),

owned as (
    select
        links_daily.anonymous_identifier_id as identifier_id,
        links_daily.event_date,
        known_identifiers.lead_key,
        row_number() over (
            partition by links_daily.anonymous_identifier_id, links_daily.event_date
            order by links_daily.last_at desc, known_identifiers.lead_id asc
        ) as place
    from links_daily
    inner join known_identifiers
        on links_daily.known_identifier_id = known_identifiers.identifier_id
    where links_daily.event_date <= {{ as_of_date() }}
),

handed_over as (
    select
        identifier_id,
        event_date,
        lead_key,
        lag(lead_key) over (
            partition by identifier_id
            order by event_date
        ) as previous_lead_key
    from owned
    where place = 1
),

browsers as (
    select
        identifier_id,
        lead_key,
        case
            when previous_lead_key is null then cast('1900-01-01' as date)
            else event_date
        end as valid_from_date
    from handed_over
    where previous_lead_key is null or previous_lead_key != lead_key
),

strangers as (
    select
        identifier_id,
        identifier_id as lead_key,
        cast('1900-01-01' as date) as valid_from_date
    from identifiers_seen
    where
        identifier_type = 'anonymous_id'
        and first_seen_date <= {{ as_of_date() }}
        and identifier_id not in (select browsers.identifier_id from browsers)
),

people as (
    select
        identifier_id,
        lead_key,
        cast('1900-01-01' as date) as valid_from_date
    from known_identifiers
),

united as (
    select * from browsers
    union all
    select * from strangers
    union all
    select * from people
),

linked as (
    select
        identifier_id,
        lead_key,
        valid_from_date,
        lead(valid_from_date, 1, cast('9999-12-31' as date)) over (
            partition by identifier_id
            order by valid_from_date
        ) as valid_to_date
    from united
)

select * from linked
