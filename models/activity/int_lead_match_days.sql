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
    {{ match_days_linked('identifiers_scored', 'matches_daily', 'matches') }}
)

select * from linked
