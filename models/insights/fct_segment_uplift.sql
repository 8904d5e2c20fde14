with

segments as (
    select * from {{ ref('segments') }}
),

segment_purposes as (
    select * from {{ ref('int_segment_purposes') }}
),

segment_arms as (
    select * from {{ ref('int_segment_arms') }}
),

horizons as (
    select distinct cast(horizon.value as integer) as horizon_days
    from {{ list_items(setting('backtest_horizon_days')) }} as horizon
),

opposed as (
    select
        segments.segment,
        segments.label,
        case
            when
                segments.segment not in (
                    select segment_purposes.segment from segment_purposes
                )
                then 'no_destination'
            when segments.holdout_percent = 0 then 'no_holdout'
            when contacted.segment is null and held_out.segment is null
                then 'no_entries'
            when contacted.segment is null then 'nobody_contacted'
            when held_out.segment is null then 'nobody_held_out'
        end as incomparable_reason,
        horizons.horizon_days,
        coalesce(contacted.leads_count, 0) as contacted_count,
        coalesce(contacted.conversions_count, 0) as contacted_conversions_count,
        coalesce(held_out.leads_count, 0) as held_out_count,
        coalesce(held_out.conversions_count, 0) as held_out_conversions_count,
        contacted.rate as contacted_rate,
        held_out.rate as held_out_rate,
        contacted.rate - held_out.rate as uplift,
        {{ difference_margin(
            'contacted.rate', 'contacted.rate_low', 'held_out.rate', 'held_out.rate_high'
        ) }} as margin_below,
        {{ difference_margin(
            'contacted.rate', 'contacted.rate_high', 'held_out.rate', 'held_out.rate_low'
        ) }} as margin_above,
        contacted.mean_amount as contacted_mean_amount,
        held_out.mean_amount as held_out_mean_amount,
        contacted.mean_amount - held_out.mean_amount as amount_difference,
        -- The normal distribution holds only for means of many leads.
        case
            when contacted.leads_count >= 30 and held_out.leads_count >= 30
                then 1.959963984540054 * sqrt(
                    contacted.amount_error_squared + held_out.amount_error_squared
                )
        end as amount_margin,
        least(
            coalesce(contacted.first_entry_date, held_out.first_entry_date),
            coalesce(held_out.first_entry_date, contacted.first_entry_date)
        ) as first_entry_date,
        greatest(
            coalesce(contacted.last_entry_date, held_out.last_entry_date),
            coalesce(held_out.last_entry_date, contacted.last_entry_date)
        ) as last_entry_date
    from segments
    cross join horizons
    left join segment_arms as contacted
        on
            segments.segment = contacted.segment
            and horizons.horizon_days = contacted.horizon_days
            and not contacted.is_held_out
    left join segment_arms as held_out
        on
            segments.segment = held_out.segment
            and horizons.horizon_days = held_out.horizon_days
            and held_out.is_held_out
),

compared as (
    select
        segment,
        label,
        incomparable_reason,
        horizon_days,
        contacted_count,
        contacted_conversions_count,
        held_out_count,
        held_out_conversions_count,
        {{ rounded('contacted_rate', 12) }} as contacted_rate,
        {{ rounded('held_out_rate', 12) }} as held_out_rate,
        {{ rounded('uplift', 12) }} as uplift,
        {{ rounded('uplift - margin_below', 12) }} as uplift_low,
        {{ rounded('uplift + margin_above', 12) }} as uplift_high,
        {{ rounded('uplift * contacted_count', 9) }} as incremental_conversions,
        {{ rounded('(uplift - margin_below) * contacted_count', 9) }}
            as incremental_conversions_low,
        {{ rounded('(uplift + margin_above) * contacted_count', 9) }}
            as incremental_conversions_high,
        {{ rounded('contacted_mean_amount', 6) }} as contacted_mean_amount,
        {{ rounded('held_out_mean_amount', 6) }} as held_out_mean_amount,
        {{ rounded('amount_difference', 6) }} as amount_difference,
        {{ rounded('amount_difference - amount_margin', 6) }} as amount_difference_low,
        {{ rounded('amount_difference + amount_margin', 6) }} as amount_difference_high,
        incomparable_reason is null as is_comparable,
        coalesce(uplift - margin_below > 0 or uplift + margin_above < 0, false)
            as is_proven,
        first_entry_date,
        last_entry_date
    from opposed
)

select * from compared
