-- With few buyers, an arm underestimates how much orders vary, most of all where they
-- ordered little. So no arm's variance is taken to be below the pooled one: otherwise
-- one message in ten that has no effect would seem to bring in money.
with

segment_outcomes as (
    select * from {{ ref('int_segment_outcomes') }}
),

summed as (
    select
        segment,
        horizon_days,
        is_held_out,
        count(*) as leads_count,
        count(*) filter (where is_converted) as conversions_count,
        avg(orders_amount) as mean_amount,
        var_samp(orders_amount) as amount_variance,
        min(entered_on) as first_entry_date,
        max(entered_on) as last_entry_date
    from segment_outcomes
    group by segment, horizon_days, is_held_out
),

rated as (
    select
        segment,
        horizon_days,
        leads_count,
        conversions_count,
        cast(leads_count as double) as number,
        conversions_count / cast(leads_count as double) as rate,
        mean_amount,
        amount_variance,
        sum((leads_count - 1) * coalesce(amount_variance, 0)) over both_arms
        / nullif(greatest(sum(leads_count) over both_arms - 2, 0), 0)
            as pooled_variance,
        is_held_out,
        first_entry_date,
        last_entry_date
    from summed
    window both_arms as (partition by segment, horizon_days)
),

bounded as (
    select
        segment,
        horizon_days,
        leads_count,
        conversions_count,
        rate,
        {{ wilson_low('rate', 'number') }} as rate_low,
        {{ wilson_high('rate', 'number') }} as rate_high,
        mean_amount,
        greatest(amount_variance, pooled_variance) / number as amount_error_squared,
        is_held_out,
        first_entry_date,
        last_entry_date
    from rated
)

select * from bounded
