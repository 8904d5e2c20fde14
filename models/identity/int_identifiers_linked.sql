-- A shared browser changes hands: the grain is identifier x date scored x date it
-- changed hands.
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

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
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

browsers as (
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
),

strangers as (
    select
        identifiers_seen.identifier_id,
        identifiers_seen.identifier_id as identity_key,
        {{ dated_lead_key(
            'identifiers_seen.identifier_id',
            'scoring_dates.is_today',
            'scoring_dates.as_of_date',
        ) }} as lead_key,
        true as is_sampled,
        scoring_dates.as_of_date,
        cast('1900-01-01' as date) as valid_from_date
    from identifiers_seen
    inner join scoring_dates
        on
            identifiers_seen.first_seen_date <= scoring_dates.as_of_date
            and identifiers_seen.bucket < scoring_dates.sample_percent
    left join browsers
        on
            identifiers_seen.identifier_id = browsers.identifier_id
            and scoring_dates.as_of_date = browsers.as_of_date
    where
        identifiers_seen.identifier_type = 'anonymous_id'
        and browsers.identifier_id is null
),

people as (
    select
        identifier_id,
        identity_key,
        lead_key,
        is_sampled,
        as_of_date,
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

dated as (
    select
        identifier_id,
        identity_key,
        lead_key,
        is_sampled,
        as_of_date,
        valid_from_date,
        lead(valid_from_date, 1, cast('9999-12-31' as date)) over (
            partition by identifier_id, as_of_date
            order by valid_from_date
        ) as valid_to_date
    from united
),

linked as (
    select
        identifier_id,
        identity_key,
        lead_key,
        as_of_date,
        valid_from_date,
        valid_to_date
    from dated
    where is_sampled
)

select * from linked
