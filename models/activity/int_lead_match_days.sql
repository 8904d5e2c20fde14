{{ config(materialized='view') }}
-- Stored, this would be the largest table by far; a lead with several identifiers has
-- rows of each, and whoever counts days adds them up.
with

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
),

identifiers_linked as (
    select * from {{ ref('int_identifiers_linked') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

identifiers_scored as (
    select
        identifier_id,
        lead_key,
        as_of_date,
        valid_from_date,
        valid_to_date
    from identifiers_linked
    where
        lead_key not in (
            select leads.lead_key
            from leads
            where leads.excluded_reason is not null
        )
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
