-- Hits in = hits out: match by match, the hits of identifiers up to as_of_date are the
-- hits of leads and of those left out. Fails when an identifier has no lead on a day,
-- or two.
with

matches_daily as {{ inlined() }} (
    select * from {{ ref('int_matches_daily') }}
),

lead_match_days as (
    select * from {{ ref('int_lead_match_days') }}
),

identifiers_linked as (
    select * from {{ ref('int_identifiers_linked') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

left_out as (
    select distinct
        identifiers_linked.identifier_id,
        identifiers_linked.valid_from_date,
        identifiers_linked.valid_to_date
    from identifiers_linked
    inner join leads
        on identifiers_linked.lead_key = leads.lead_key
    where
        leads.excluded_reason is not null
        and leads.as_of_date = {{ as_of_date() }}
),

united as (
    select
        match_id,
        sum(hits) as hits_in,
        0 as hits_out,
        0 as hits_left_out
    from matches_daily
    where
        event_date <= {{ as_of_date() }}
        and match_id in (select matches.match_id from matches)
    group by match_id
    union all
    select
        match_id,
        0 as hits_in,
        sum(hits) as hits_out,
        0 as hits_left_out
    from lead_match_days
    where as_of_date = {{ as_of_date() }}
    group by match_id
    union all
    select
        matches_daily.match_id,
        0 as hits_in,
        0 as hits_out,
        sum(matches_daily.hits) as hits_left_out
    from matches_daily
    inner join left_out
        on
            matches_daily.identifier_id = left_out.identifier_id
            and matches_daily.event_date >= left_out.valid_from_date
            and matches_daily.event_date < left_out.valid_to_date
    where
        matches_daily.event_date <= {{ as_of_date() }}
        and matches_daily.match_id in (select matches.match_id from matches)
    group by matches_daily.match_id
),

summed as (
    select
        match_id,
        sum(hits_in) as hits_in,
        sum(hits_out) as hits_out,
        sum(hits_left_out) as hits_left_out
    from united
    group by match_id
)

select *
from summed
where hits_in != hits_out + hits_left_out
