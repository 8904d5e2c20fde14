{{ config(materialized='view') }}
-- An event type that mostly happens right after an order is a result of the order. The
-- orders four weeks earlier show how often that happens by chance alone.
with

lead_match_days as (
    select * from {{ ref('int_lead_match_days') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

conversion_types as (
    select * from {{ ref('int_conversion_types') }}
),

lead_days as (
    select
        lead_match_days.lead_key,
        matches.event_type,
        conversion_types.event_type is not null as is_conversion,
        lead_match_days.event_date,
        min(lead_match_days.first_at) as first_at,
        max(lead_match_days.last_at) as last_at
    from lead_match_days
    inner join matches
        on lead_match_days.match_id = matches.match_id and matches.property is null
    left join conversion_types
        on matches.event_type = conversion_types.event_type
    where
        lead_match_days.hits > 0
        and lead_match_days.as_of_date = {{ as_of_date() }}
    group by
        lead_match_days.lead_key,
        matches.event_type,
        conversion_types.event_type,
        lead_match_days.event_date
),

converted as (
    select
        lead_key,
        event_date,
        min(first_at) as first_at
    from lead_days
    where is_conversion
    group by lead_key, event_date
),

compared as (
    select
        lead_days.event_type,
        lead_days.is_conversion,
        coalesce(same_day.first_at <= lead_days.last_at, false)
        or day_before.lead_key is not null as is_after,
        four_weeks_before.lead_key is not null
        or day_before_that.lead_key is not null as is_after_earlier
    from lead_days
    left join converted as same_day
        on
            lead_days.lead_key = same_day.lead_key
            and lead_days.event_date = same_day.event_date
    left join converted as day_before
        on
            lead_days.lead_key = day_before.lead_key
            and {{ add_days('lead_days.event_date', '-1') }} = day_before.event_date
    left join converted as four_weeks_before
        on
            lead_days.lead_key = four_weeks_before.lead_key
            and {{ add_days('lead_days.event_date', '-28') }}
            = four_weeks_before.event_date
    left join converted as day_before_that
        on
            lead_days.lead_key = day_before_that.lead_key
            and {{ add_days('lead_days.event_date', '-29') }}
            = day_before_that.event_date
),

counted as (
    select
        event_type,
        count(*) as lead_days_count,
        count(*) filter (where is_after) as after_count,
        count(*) filter (where is_after_earlier) as control_count,
        is_conversion
    from compared
    group by event_type, is_conversion
)

select * from counted
