with

backtest_scores as (
    select * from {{ ref('int_backtest_scores') }}
),

backtest_values as (
    select * from {{ ref('int_backtest_values') }}
),

backtest_dates as (
    select * from {{ ref('int_backtest_dates') }}
),

summed as (
    select
        backtest_values.period,
        backtest_values.score,
        backtest_values.horizon_days,
        backtest_scores.identity_key,
        count(*) filter (where backtest_scores.is_converted) as conversions_count,
        count(*) filter (where not backtest_scores.is_converted) as others_count,
        coalesce(
            sum(backtest_values.conversion_placement)
            filter (where backtest_scores.is_converted), 0
        ) as placements,
        coalesce(
            sum(backtest_values.other_placement)
            filter (where not backtest_scores.is_converted), 0
        ) as other_placements,
        min(backtest_scores.as_of_date) as first_as_of_date,
        max(backtest_scores.as_of_date) as last_as_of_date
    from backtest_scores
    inner join backtest_dates
        on
            backtest_scores.as_of_date = backtest_dates.as_of_date
            and backtest_scores.horizon_days = backtest_dates.horizon_days
    inner join backtest_values
        on
            backtest_scores.score = backtest_values.score
            and backtest_scores.horizon_days = backtest_values.horizon_days
            and backtest_scores.value = backtest_values.value
    where
        backtest_values.period = 'all'
        or (backtest_values.period = 'after_fit' and backtest_dates.is_after_fit)
    group by
        backtest_values.period,
        backtest_values.score,
        backtest_values.horizon_days,
        backtest_scores.identity_key
)

select * from summed
