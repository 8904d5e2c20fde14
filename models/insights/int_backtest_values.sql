-- Leads with the same value share one row: they are tied, so only their counts matter.
with

backtest_scores as (
    select * from {{ ref('int_backtest_scores') }}
),

backtest_dates as (
    select * from {{ ref('int_backtest_dates') }}
),

grouped as (
    select
        cast(as_of_date as string) as period,
        score,
        horizon_days,
        value,
        count(*) as leads_count,
        count(*) filter (where is_converted) as conversions_count,
        as_of_date
    from backtest_scores
    group by score, horizon_days, value, as_of_date
),

periods as (
    select
        period,
        score,
        horizon_days,
        value,
        leads_count,
        conversions_count
    from grouped
    union all
    select
        'all' as period,
        score,
        horizon_days,
        value,
        cast(sum(leads_count) as bigint) as leads_count,
        cast(sum(conversions_count) as bigint) as conversions_count
    from grouped
    group by score, horizon_days, value
    union all
    select
        'after_fit' as period,
        grouped.score,
        grouped.horizon_days,
        grouped.value,
        cast(sum(grouped.leads_count) as bigint) as leads_count,
        cast(sum(grouped.conversions_count) as bigint) as conversions_count
    from grouped
    inner join backtest_dates
        on
            grouped.as_of_date = backtest_dates.as_of_date
            and grouped.horizon_days = backtest_dates.horizon_days
    where backtest_dates.is_after_fit
    group by grouped.score, grouped.horizon_days, grouped.value
),

added_up as (
    select
        period,
        score,
        horizon_days,
        value,
        cast(leads_count as double) as leads_count,
        cast(conversions_count as double) as conversions_count,
        cast(sum(leads_count) over best_first as double) as leads_so_far,
        cast(sum(conversions_count) over best_first as double) as conversions_so_far,
        cast(sum(leads_count) over everyone as double) as all_leads_count,
        cast(sum(conversions_count) over everyone as double) as all_conversions_count
    from periods
    window
        everyone as (partition by period, score, horizon_days),
        best_first as (
            partition by period, score, horizon_days
            order by value desc
            rows between unbounded preceding and current row
        )
),

placed as (
    select
        period,
        score,
        horizon_days,
        value,
        leads_count,
        conversions_count,
        leads_so_far,
        conversions_so_far,
        all_leads_count,
        all_conversions_count,
        1 - (
            leads_so_far - conversions_so_far - (leads_count - conversions_count) / 2
        ) / nullif(all_leads_count - all_conversions_count, 0) as conversion_placement,
        (conversions_so_far - conversions_count / 2)
        / nullif(all_conversions_count, 0) as other_placement
    from added_up
)

select * from placed
