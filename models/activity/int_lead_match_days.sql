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

counted as (
    select
        identifiers_linked.lead_key,
        identifiers_linked.as_of_date,
        matches_daily.event_date,
        matches_daily.match_id,
        cast(sum(matches_daily.hits) as bigint) as hits,
        sum(matches_daily.amount) as amount,
        min(matches_daily.first_at) as first_at,
        max(matches_daily.last_at) as last_at
    from matches_daily
    inner join identifiers_linked
        on
            matches_daily.identifier_id = identifiers_linked.identifier_id
            and matches_daily.event_date >= identifiers_linked.valid_from_date
            and matches_daily.event_date < identifiers_linked.valid_to_date
            and matches_daily.event_date <= identifiers_linked.as_of_date
    where
        -- Rows of matches that no rule asks for any more may still stand there.
        matches_daily.match_id in (select matches.match_id from matches)
        and identifiers_linked.lead_key not in (
            select leads.lead_key
            from leads
            where leads.excluded_reason is not null
        )
    group by
        identifiers_linked.lead_key,
        identifiers_linked.as_of_date,
        matches_daily.event_date,
        matches_daily.match_id
)

select * from counted
