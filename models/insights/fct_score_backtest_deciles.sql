with

backtest_scores as (
    select * from {{ ref('int_backtest_scores') }}
),

score_backtest as (
    select * from {{ ref('fct_score_backtest') }}
),

divided as (
    select
        score,
        horizon_days,
        ntile(10) over (
            partition by as_of_date, horizon_days, score
            order by value desc, shuffled_place asc
        ) as decile,
        value,
        is_converted,
        as_of_date
    from backtest_scores
),

counted as (
    select
        score,
        horizon_days,
        decile,
        count(*) as leads_count,
        count(*) filter (where is_converted) as conversions_count,
        avg(value) as mean_score,
        min(value) as min_score,
        max(value) as max_score,
        as_of_date
    from divided
    group by score, horizon_days, decile, as_of_date
),

compared as (
    select
        counted.score,
        counted.horizon_days,
        cast(counted.decile as integer) as decile,
        counted.leads_count,
        counted.conversions_count,
        {{ rounded(
            'counted.conversions_count / cast(counted.leads_count as double)', 12
        ) }} as conversion_rate,
        {{ rounded(
            'counted.conversions_count / cast(counted.leads_count as double) '
            '/ nullif(score_backtest.base_rate, 0)', 9
        ) }} as lift,
        {{ rounded('counted.mean_score', 12) }} as mean_score,
        counted.min_score,
        counted.max_score,
        counted.as_of_date
    from counted
    inner join score_backtest
        on
            counted.score = score_backtest.score
            and counted.horizon_days = score_backtest.horizon_days
            and counted.as_of_date = score_backtest.as_of_date
)

select * from compared
