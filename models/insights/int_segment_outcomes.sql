-- As in the back-test, conversions are credited by today's identity links.
with

segment_entries as (
    select * from {{ ref('int_segment_entries') }}
),

lead_match_days as (
    select * from {{ ref('int_lead_match_days') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

conversion_types as (
    select * from {{ ref('int_conversion_types') }}
),

horizons as (
    select distinct cast(horizon.value as integer) as horizon_days
    from {{ list_items(setting('backtest_horizon_days')) }} as horizon
),

-- One row per match: filtering matches first leaves few days to read.
counted_matches as (
    select
        matches.match_id,
        conversion_types.event_type is not null as is_conversion,
        matches.event_type = 'order_completed' as is_order
    from matches
    left join conversion_types
        on matches.event_type = conversion_types.event_type
    where
        matches.property is null
        and (
            conversion_types.event_type is not null
            or matches.event_type = 'order_completed'
        )
),

happened as (
    select
        lead_match_days.lead_key,
        lead_match_days.event_date,
        bool_or(counted_matches.is_conversion) as is_conversion,
        sum(lead_match_days.amount) filter (
            where counted_matches.is_order
        ) as orders_amount
    from lead_match_days
    inner join counted_matches
        on lead_match_days.match_id = counted_matches.match_id
    where
        lead_match_days.hits > 0
        and lead_match_days.as_of_date = {{ as_of_date() }}
    group by lead_match_days.lead_key, lead_match_days.event_date
),

matured as (
    select
        segment_entries.lead_key,
        segment_entries.segment,
        segment_entries.is_held_out,
        horizons.horizon_days,
        segment_entries.entered_on
    from segment_entries
    cross join horizons
    where
        {{ add_days('segment_entries.entered_on', 'horizons.horizon_days') }}
        <= {{ as_of_date() }}
),

followed as (
    select
        matured.lead_key,
        matured.segment,
        matured.horizon_days,
        {{ rounded('coalesce(sum(happened.orders_amount), 0)', 6) }} as orders_amount,
        matured.is_held_out,
        coalesce(bool_or(happened.is_conversion), false) as is_converted,
        matured.entered_on
    from matured
    left join happened
        on
            matured.lead_key = happened.lead_key
            and matured.entered_on < happened.event_date
            and {{ add_days('matured.entered_on', 'matured.horizon_days') }}
            >= happened.event_date
    group by
        matured.lead_key,
        matured.segment,
        matured.horizon_days,
        matured.is_held_out,
        matured.entered_on
)

select * from followed
