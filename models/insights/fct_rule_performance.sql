with

rules as (
    select * from {{ ref('int_rules') }}
),

backtest_dates as (
    select * from {{ ref('int_backtest_dates') }}
),

lead_outcomes as (
    select * from {{ ref('int_lead_outcomes') }}
),

lead_rule_points as (
    select * from {{ ref('int_lead_rule_points') }}
),

contrasts as (
    select * from {{ ref('int_contrasts') }}
),

horizons as (
    select distinct horizon_days
    from backtest_dates
),

tested as (
    select
        horizon_days,
        count(*) as leads_count,
        count(*) filter (where is_converted) as conversions_count
    from lead_outcomes
    group by horizon_days
),

earned as (
    select
        lead_rule_points.score,
        lead_rule_points.rule_id,
        lead_outcomes.horizon_days,
        sum(abs(lead_rule_points.points)) as points
    from lead_outcomes
    inner join lead_rule_points
        on lead_outcomes.lead_key = lead_rule_points.lead_key
    group by
        lead_rule_points.score, lead_rule_points.rule_id, lead_outcomes.horizon_days
),

shared as (
    select
        score,
        rule_id,
        horizon_days,
        points / nullif(sum(points) over (partition by score, horizon_days), 0)
            as share_of_points
    from earned
),

judged as (
    select
        rules.rule_id,
        rules.score,
        rules.description,
        horizons.horizon_days,
        coalesce(contrasts.rows_count, 0) as leads_count,
        coalesce(contrasts.successes_count, 0) as conversions_count,
        coalesce(contrasts.other_rows_count, tested.leads_count, 0)
            as other_leads_count,
        coalesce(contrasts.other_successes_count, tested.conversions_count, 0)
            as other_conversions_count,
        contrasts.rate as conversion_rate,
        case
            when contrasts.signal is not null then contrasts.other_rate
            else {{ rounded(
                'tested.conversions_count / cast(tested.leads_count as double)', 12
            ) }}
        end as other_conversion_rate,
        contrasts.lift,
        contrasts.rate_difference,
        contrasts.rate_difference_low,
        contrasts.rate_difference_high,
        {{ rounded('coalesce(shared.share_of_points, 0)', 12) }} as share_of_points,
        coalesce(contrasts.is_proven, false) as is_proven
    from rules
    cross join horizons
    left join tested
        on horizons.horizon_days = tested.horizon_days
    left join contrasts
        on
            rules.score || ':' || rules.rule_id = contrasts.signal
            and 'rule:' || cast(horizons.horizon_days as string) = contrasts.topic
    left join shared
        on
            rules.score = shared.score
            and rules.rule_id = shared.rule_id
            and horizons.horizon_days = shared.horizon_days
)

select * from judged
