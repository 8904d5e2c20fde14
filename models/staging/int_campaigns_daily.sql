with

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

counted as (
    select
        matches_daily.identifier_id,
        matches.event_type,
        matches_daily.campaign_id,
        matches_daily.hits,
        matches_daily.event_date
    from matches_daily
    inner join matches
        on matches_daily.match_id = matches.match_id and matches.property is null
    where matches_daily.campaign_id != '' and matches_daily.hits > 0
)

select * from counted
