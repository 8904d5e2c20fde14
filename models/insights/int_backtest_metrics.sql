with

backtest_values as (
    select * from {{ ref('int_backtest_values') }}
),

summed as (
    select
        period,
        score,
        horizon_days,
        max(all_leads_count) as tested_count,
        max(all_conversions_count) as converted_count,
        max(all_leads_count) - max(all_conversions_count) as others_count,
        sum(conversions_count * conversion_placement) as placements,
        sum(conversions_count * conversion_placement * conversion_placement)
            as squared_placements,
        sum(
            (leads_count - conversions_count) * other_placement * other_placement
        ) as squared_other_placements,
        sum(conversions_count * conversions_so_far / leads_so_far) as precisions,
        -- Where a tie crosses the edge of the best tenth, its conversions partly count.
        sum(
            conversions_count
            * least(1, greatest(
                0,
                (all_leads_count / 10 - leads_so_far + leads_count) / leads_count
            ))
        ) as top_conversions,
        sum(
            conversions_count * power(1 - value, 2)
            + (leads_count - conversions_count) * power(value, 2)
        ) as squared_errors,
        -1 * sum(
            conversions_count * ln({{ proper_share('value') }})
            + (leads_count - conversions_count) * ln(1 - {{ proper_share('value') }})
        ) as log_losses
    from backtest_values
    group by period, score, horizon_days
),

measured as (
    select
        period,
        score,
        horizon_days,
        tested_count as leads_count,
        converted_count as conversions_count,
        others_count,
        converted_count / tested_count as base_rate,
        placements / nullif(converted_count, 0) as auc,
        squared_placements,
        squared_other_placements,
        precisions / nullif(converted_count, 0) as average_precision,
        10 * top_conversions / nullif(converted_count, 0) as top_decile_lift,
        case when score = 'probability' then squared_errors / tested_count end
            as brier_score,
        case when score = 'probability' then log_losses / tested_count end as log_loss
    from summed
),

-- The variance of the AUC follows DeLong, DeLong and Clarke-Pearson (1988), which takes
-- all rows to be independent. Of an AUC of 0 or 1 it would be 0.
judged as (
    select
        period,
        score,
        horizon_days,
        leads_count,
        conversions_count,
        base_rate,
        auc,
        case
            when conversions_count < 2 or others_count < 2 then null
            when auc in (0, 1)
                then {{ edge_error('least(conversions_count, others_count)') }}
            else sqrt(
                greatest(0, squared_placements / conversions_count - auc * auc)
                / (conversions_count - 1)
                + greatest(0, squared_other_placements / others_count - auc * auc)
                / (others_count - 1)
            )
        end as auc_error,
        average_precision,
        top_decile_lift,
        brier_score,
        log_loss
    from measured
)

select * from judged
