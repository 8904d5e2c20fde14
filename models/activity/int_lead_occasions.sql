-- Only this model looks one day past the scoring date: a campaign is planned before it
-- goes out, so its type is known the day before.
with

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
),

identifiers_linked as (
    select * from {{ ref('int_identifiers_linked') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

kinds as (
    select
        matches.match_id,
        min(engagement_rules.rule_id) as rule_id
    from matches
    inner join engagement_rules
        on matches.match_id = engagement_rules.match_id
    where
        matches.property is not null
        and matches.event_type = {{ setting('backtest_occasion') }}
    group by matches.match_id
),

reached as (
    select
        identifiers_linked.lead_key,
        min(kinds.rule_id) as occasion
    from matches_daily
    inner join kinds
        on matches_daily.match_id = kinds.match_id
    inner join identifiers_linked
        on
            matches_daily.identifier_id = identifiers_linked.identifier_id
            and {{ add_days('matches_daily.event_date', '-1') }}
            = identifiers_linked.as_of_date
            and matches_daily.event_date >= identifiers_linked.valid_from_date
            and matches_daily.event_date < identifiers_linked.valid_to_date
    where matches_daily.hits > 0
    group by identifiers_linked.lead_key
)

select * from reached
