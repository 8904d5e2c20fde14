{{ config(materialized='view') }}
-- A view, because it would be by far the largest table. A lead with several identifiers
-- has several rows for a day and match: later models add them up.
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
