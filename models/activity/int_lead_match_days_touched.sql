{{ config(materialized='view') }}
with

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
),

leads_touched as (
    select * from {{ ref('int_leads_touched') }}
),

identifiers_scored as (
    select * from {{ ref('int_identifiers_scored') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

identifiers_touched as (
    select
        identifiers_scored.identifier_id,
        identifiers_scored.lead_key,
        identifiers_scored.as_of_date,
        identifiers_scored.valid_from_date,
        identifiers_scored.valid_to_date
    from identifiers_scored
    inner join leads_touched
        on identifiers_scored.lead_key = leads_touched.lead_key
),

linked as (
    {{ match_days_linked('identifiers_touched', 'matches_daily', 'matches') }}
)

select * from linked
