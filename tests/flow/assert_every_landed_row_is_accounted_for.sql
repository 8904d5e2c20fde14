-- Every landed row is accepted, a duplicate, or refused, and what is accepted is
-- counted: on each day the landed rows are the refused ones, the duplicates and the
-- hits of the matches that every event of a type meets. Fails when a join drops or
-- doubles rows, when an incremental build skips a day, or when an event type has no
-- match. Days for which nothing has landed since the build before were checked by that
-- build.
with

reading as (
    select * from {{ ref('int_reading') }}
),

landing__events as (
    select * from {{ ref('stg_landing__events') }}
),

events_refused as (
    select * from {{ ref('int_events_refused') }}
),

events_repeated as (
    select * from {{ ref('int_events_repeated') }}
),

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

touched as (
    select distinct landing__events.event_date
    from landing__events
    inner join reading
        on
            landing__events.loaded_at > reading.read_from
            and landing__events.loaded_at <= reading.read_until
),

united as (
    select
        event_date,
        count(*) as landed_count,
        0 as refused_count,
        0 as duplicates_count,
        0 as counted_count
    from landing__events
    where loaded_at <= (select reading.read_until from reading)
    group by event_date
    union all
    select
        event_date,
        0 as landed_count,
        count(*) as refused_count,
        0 as duplicates_count,
        0 as counted_count
    from events_refused
    group by event_date
    union all
    select
        event_date,
        0 as landed_count,
        0 as refused_count,
        count(*) as duplicates_count,
        0 as counted_count
    from events_repeated
    where is_duplicate
    group by event_date
    union all
    select
        matches_daily.event_date,
        0 as landed_count,
        0 as refused_count,
        0 as duplicates_count,
        sum(matches_daily.hits + matches_daily.machine_hits) as counted_count
    from matches_daily
    inner join matches
        on matches_daily.match_id = matches.match_id
    where matches.property is null
    group by matches_daily.event_date
),

-- Rows without a date count as one day.
summed as (
    select
        event_date,
        sum(landed_count) as landed_count,
        sum(refused_count) as refused_count,
        sum(duplicates_count) as duplicates_count,
        sum(counted_count) as counted_count
    from united
    where
        coalesce(event_date, cast('0001-01-01' as date)) in (
            select coalesce(touched.event_date, cast('0001-01-01' as date))
            from touched
        )
    group by event_date
)

select *
from summed
where landed_count != refused_count + duplicates_count + counted_count
