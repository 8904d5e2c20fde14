-- Conversions after a cut-off are credited by today's identity links: a visitor of that
-- day who later gave an email address and ordered did convert.
with

backtest_population as (
    select * from {{ ref('int_backtest_population') }}
),

identifiers_linked as (
    select * from {{ ref('int_identifiers_linked') }}
),

lead_match_days as (
    select * from {{ ref('int_lead_match_days') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

campaigns_daily as (
    select * from {{ ref('int_campaigns_daily') }}
),

conversion_types as (
    select * from {{ ref('int_conversion_types') }}
),

links_today as (
    select
        identifier_id,
        lead_key,
        valid_from_date,
        valid_to_date
    from identifiers_linked
    where as_of_date = {{ as_of_date() }}
),

conversion_matches as (
    select matches.match_id
    from matches
    inner join conversion_types
        on matches.event_type = conversion_types.event_type
    where
        {{ setting('backtest_occasion') }} is null
        and matches.property is null
),

converted as (
    select
        lead_match_days.lead_key,
        '' as campaign_id,
        lead_match_days.event_date
    from lead_match_days
    inner join conversion_matches
        on lead_match_days.match_id = conversion_matches.match_id
    where
        lead_match_days.hits > 0
        and lead_match_days.as_of_date = {{ as_of_date() }}
    union all
    select
        links_today.lead_key,
        campaigns_daily.campaign_id,
        campaigns_daily.event_date
    from campaigns_daily
    inner join conversion_types
        on campaigns_daily.event_type = conversion_types.event_type
    inner join links_today
        on
            campaigns_daily.identifier_id = links_today.identifier_id
            and campaigns_daily.event_date >= links_today.valid_from_date
            and campaigns_daily.event_date < links_today.valid_to_date
    where
        {{ setting('backtest_occasion') }} is not null
        and campaigns_daily.hits > 0
),

tested as (
    select distinct identity_key
    from backtest_population
),

owned as (
    select distinct
        tested.identity_key,
        converted.campaign_id,
        converted.event_date
    from tested
    inner join links_today
        on tested.identity_key = links_today.identifier_id
    inner join converted
        on
            links_today.lead_key = converted.lead_key
            and links_today.valid_from_date <= converted.event_date
            and links_today.valid_to_date > converted.event_date
)

select * from owned
