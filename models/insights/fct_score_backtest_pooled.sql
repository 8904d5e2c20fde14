with

backtest_metrics as (
    select * from {{ ref('int_backtest_metrics') }}
),

backtest_errors as (
    select * from {{ ref('int_backtest_errors') }}
),

pooled as (
    select
        backtest_metrics.period,
        backtest_metrics.score,
        backtest_metrics.horizon_days,
        backtest_errors.leads_count,
        cast(backtest_metrics.leads_count as bigint) as observations_count,
        cast(backtest_metrics.conversions_count as bigint) as conversions_count,
        {{ rounded('backtest_metrics.base_rate', 12) }} as base_rate,
        {{ rounded('backtest_metrics.auc', 12) }} as auc,
        {{ rounded(
            share_low('backtest_metrics.auc', 'backtest_errors.auc_error'), 12
        ) }} as auc_low,
        {{ rounded(
            share_high('backtest_metrics.auc', 'backtest_errors.auc_error'), 12
        ) }} as auc_high,
        {{ rounded('backtest_metrics.average_precision', 12) }} as average_precision,
        {{ rounded('backtest_metrics.top_decile_lift', 12) }} as top_decile_lift,
        {{ rounded('backtest_metrics.brier_score', 12) }} as brier_score,
        {{ rounded('backtest_metrics.log_loss', 12) }} as log_loss,
        backtest_errors.first_as_of_date as first_date,
        backtest_errors.last_as_of_date as last_date
    from backtest_metrics
    inner join backtest_errors
        on
            backtest_metrics.period = backtest_errors.period
            and backtest_metrics.score = backtest_errors.score
            and backtest_metrics.horizon_days = backtest_errors.horizon_days
)

select * from pooled
