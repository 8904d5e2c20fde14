-- A contact that a sampled visitor turns out to be is scored, too: otherwise the
-- visitor's outcome would be unknown.
with

identifiers_seen as (
    select * from {{ ref('int_identifiers_seen') }}
),

links_daily as (
    select * from {{ ref('int_links_daily') }}
),

united as (
    select
        identifier_id,
        bucket
    from identifiers_seen
    where identifier_type in ('contact_id', 'email')
    union all
    select
        links_daily.known_identifier_id as identifier_id,
        identifiers_seen.bucket
    from links_daily
    inner join identifiers_seen
        on links_daily.anonymous_identifier_id = identifiers_seen.identifier_id
    where links_daily.event_date <= {{ as_of_date() }}
),

lowest as (
    select
        identifier_id,
        min(bucket) as bucket
    from united
    group by identifier_id
)

select * from lowest
