{{ config(materialized='view') }}
-- Stored, this would be the largest table by far; a lead with several identifiers has
-- rows of each, and whoever counts days adds them up.
with

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
),

identifiers_scored as (
    select * from {{ ref('int_identifiers_scored') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

linked as (
    select
        matches_daily.identifier_id,
        identifiers_scored.lead_key,
        matches_daily.match_id,
        matches_daily.hits,
        matches_daily.amount,
        identifiers_scored.as_of_date,
        matches_daily.event_date,
        matches_daily.first_at,
        matches_daily.last_at
    from matches_daily
    -- Rows of matches that no rule asks for any more may still stand there.
    inner join matches
        on matches_daily.match_id = matches.match_id
    inner join identifiers_scored
        on
            matches_daily.identifier_id = identifiers_scored.identifier_id
            and matches_daily.event_date >= identifiers_scored.valid_from_date
            and matches_daily.event_date < identifiers_scored.valid_to_date
            and matches_daily.event_date <= identifiers_scored.as_of_date
)

select * from linked
