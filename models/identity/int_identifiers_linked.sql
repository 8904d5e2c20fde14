with

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

browser_owners as (
    select * from {{ ref('int_browser_owners') }}
),

identifiers_seen as (
    select * from {{ ref('int_identifiers_seen') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
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
            and identifiers_seen.bucket < scoring_dates.scored_percent
    left join browser_owners
        on
            identifiers_seen.identifier_id = browser_owners.identifier_id
            and scoring_dates.as_of_date = browser_owners.as_of_date
    where
        identifiers_seen.identifier_type = 'anonymous_id'
        and browser_owners.identifier_id is null
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
    select * from browser_owners
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
