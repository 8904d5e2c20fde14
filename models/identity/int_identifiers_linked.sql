with

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

browser_owners as (
    select * from {{ ref('int_browser_owners') }}
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

first_linked as (
    select
        anonymous_identifier_id as identifier_id,
        min(event_date) as first_linked_date
    from links_daily
    group by anonymous_identifier_id
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
        scoring_dates.as_of_date
    from identifiers_seen
    -- Differences instead of plain comparisons: for two of those DuckDB would sort all
    -- identifiers.
    inner join scoring_dates
        on
            scoring_dates.scored_percent - identifiers_seen.bucket > 0
            and {{ days_between(
                'identifiers_seen.first_seen_date', 'scoring_dates.as_of_date'
            ) }} >= 0
    left join first_linked
        on identifiers_seen.identifier_id = first_linked.identifier_id
    where
        identifiers_seen.identifier_type = 'anonymous_id'
        and coalesce(first_linked.first_linked_date > scoring_dates.as_of_date, true)
),

undivided as (
    select
        identifier_id,
        identity_key,
        lead_key,
        as_of_date
    from strangers
    union all
    select
        identifier_id,
        identity_key,
        lead_key,
        as_of_date
    from known_identifiers
),

linked as (
    select
        identifier_id,
        identity_key,
        lead_key,
        as_of_date,
        valid_from_date,
        valid_to_date
    from browser_owners
    union all
    select
        identifier_id,
        identity_key,
        lead_key,
        as_of_date,
        cast('1900-01-01' as date) as valid_from_date,
        cast('9999-12-31' as date) as valid_to_date
    from undivided
)

select * from linked
