with

backtest_metrics as (
    select * from {{ ref('int_backtest_metrics') }}
),

backtest_dates as (
    select * from {{ ref('int_backtest_dates') }}
),

dated as (
    select
        backtest_metrics.score,
        backtest_metrics.horizon_days,
        cast(backtest_metrics.leads_count as bigint) as leads_count,
        cast(backtest_metrics.conversions_count as bigint) as conversions_count,
        {{ rounded('backtest_metrics.base_rate', 12) }} as base_rate,
        {{ rounded('backtest_metrics.auc', 12) }} as auc,
        {{ rounded(
            share_low('backtest_metrics.auc', 'backtest_metrics.auc_error'), 12
        ) }} as auc_low,
        {{ rounded(
            share_high('backtest_metrics.auc', 'backtest_metrics.auc_error'), 12
        ) }} as auc_high,
        {{ rounded('backtest_metrics.average_precision', 12) }} as average_precision,
        {{ rounded('backtest_metrics.top_decile_lift', 12) }} as top_decile_lift,
        {{ rounded('backtest_metrics.brier_score', 12) }} as brier_score,
        {{ rounded('backtest_metrics.log_loss', 12) }} as log_loss,
        backtest_metrics.score != 'probability'
        or backtest_dates.is_after_fit as is_out_of_sample,
        backtest_dates.as_of_date
    from backtest_metrics
    inner join backtest_dates
        on
            backtest_metrics.period = cast(backtest_dates.as_of_date as string)
            and backtest_metrics.horizon_days = backtest_dates.horizon_days
)

select * from dated
