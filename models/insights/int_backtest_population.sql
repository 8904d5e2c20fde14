-- A lead that several campaigns reached on one day is tested once for each campaign.
with

backtest_dates as (
    select * from {{ ref('int_backtest_dates') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
),

lead_scores as (
    select * from {{ ref('int_lead_scores') }}
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

identifiers_linked as (
    select * from {{ ref('int_identifiers_linked') }}
),

candidates as (
    select
        lead_scores.lead_key,
        lead_scores.identity_key,
        lead_scores.as_of_date
    from lead_scores
    inner join scoring_dates
        on
            lead_scores.as_of_date = scoring_dates.as_of_date
            and lead_scores.sample_bucket < scoring_dates.sample_percent
    where
        not lead_scores.is_disqualified
        and lead_scores.as_of_date in (
            select backtest_dates.as_of_date from backtest_dates
        )
),

eligible as (
    select lead_match_days.lead_key
    from lead_match_days
    inner join matches
        on lead_match_days.match_id = matches.match_id
    where
        lead_match_days.hits > 0
        and matches.property is null
        and matches.event_type = {{ setting('backtest_population') }}
),

-- Campaigns that reached a lead, by the identity links of the evening before.
reached as (
    select distinct
        identifiers_linked.lead_key,
        campaigns_daily.campaign_id
    from campaigns_daily
    inner join identifiers_linked
        on
            campaigns_daily.identifier_id = identifiers_linked.identifier_id
            and {{ add_days('campaigns_daily.event_date', '-1') }}
            = identifiers_linked.as_of_date
            and campaigns_daily.event_date >= identifiers_linked.valid_from_date
            and campaigns_daily.event_date < identifiers_linked.valid_to_date
    where
        campaigns_daily.hits > 0
        and campaigns_daily.event_type = {{ setting('backtest_occasion') }}
),

occasions as (
    select
        lead_key,
        campaign_id
    from reached
    union all
    select
        lead_key,
        '' as campaign_id
    from candidates
    where {{ setting('backtest_occasion') }} is null
),

tested as (
    select
        candidates.lead_key,
        candidates.identity_key,
        occasions.campaign_id,
        candidates.as_of_date
    from candidates
    inner join occasions
        on candidates.lead_key = occasions.lead_key
    where
        {{ setting('backtest_population') }} is null
        or candidates.lead_key in (select eligible.lead_key from eligible)
)

select * from tested
