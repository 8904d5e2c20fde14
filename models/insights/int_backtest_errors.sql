-- A lead has rows on several cut-offs, which are not independent; leads are. So the
-- variance of the AUC follows Obuchowski (1997): placements are first summed by lead.
-- Of an AUC of 0 or 1 it would be 0.
with

backtest_placements as (
    select * from {{ ref('int_backtest_placements') }}
),

backtest_metrics as (
    select * from {{ ref('int_backtest_metrics') }}
),

deviating as (
    select
        backtest_placements.period,
        backtest_placements.score,
        backtest_placements.horizon_days,
        backtest_placements.conversions_count,
        backtest_placements.others_count,
        backtest_metrics.auc,
        backtest_placements.placements
        - backtest_placements.conversions_count * backtest_metrics.auc
            as deviation,
        backtest_placements.other_placements
        - backtest_placements.others_count * backtest_metrics.auc
            as other_deviation,
        backtest_placements.first_as_of_date,
        backtest_placements.last_as_of_date
    from backtest_placements
    inner join backtest_metrics
        on
            backtest_placements.period = backtest_metrics.period
            and backtest_placements.score = backtest_metrics.score
            and backtest_placements.horizon_days = backtest_metrics.horizon_days
),

summed as (
    select
        period,
        score,
        horizon_days,
        cast(count(*) as double) as leads_count,
        cast(count(*) filter (where conversions_count > 0) as double)
            as converting_leads_count,
        cast(count(*) filter (where others_count > 0) as double) as other_leads_count,
        cast(sum(conversions_count) as double) as conversions_count,
        cast(sum(others_count) as double) as others_count,
        max(auc) as auc,
        sum(deviation * deviation) as squares,
        sum(other_deviation * other_deviation) as other_squares,
        sum(deviation * other_deviation) as products,
        min(first_as_of_date) as first_as_of_date,
        max(last_as_of_date) as last_as_of_date
    from deviating
    group by period, score, horizon_days
),

judged as (
    select
        period,
        score,
        horizon_days,
        cast(leads_count as bigint) as leads_count,
        case
            when converting_leads_count < 2 or other_leads_count < 2 then null
            when auc in (0, 1)
                then {{ edge_error(
                    'least(converting_leads_count, other_leads_count)'
                ) }}
            else sqrt(greatest(
                0,
                converting_leads_count / (converting_leads_count - 1)
                * squares / power(conversions_count, 2)
                + other_leads_count / (other_leads_count - 1)
                * other_squares / power(others_count, 2)
                + 2 * leads_count / (leads_count - 1)
                * products / (conversions_count * others_count)
            ))
        end as auc_error,
        first_as_of_date,
        last_as_of_date
    from summed
)

select * from judged
