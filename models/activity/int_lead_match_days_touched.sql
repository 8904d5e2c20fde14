{{ config(materialized='view') }}
with

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
),

identifiers_scored as (
    select * from {{ ref('int_identifiers_scored') }}
),

leads_touched as (
    select * from {{ ref('int_leads_touched') }}
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
    from identifiers_scored
    inner join leads_touched
        on identifiers_scored.lead_key = leads_touched.lead_key
    inner join matches_daily
        on
            identifiers_scored.identifier_id = matches_daily.identifier_id
            and identifiers_scored.valid_from_date <= matches_daily.event_date
            and identifiers_scored.valid_to_date > matches_daily.event_date
            and identifiers_scored.as_of_date >= matches_daily.event_date
    inner join matches
        on matches_daily.match_id = matches.match_id
)

select * from linked
