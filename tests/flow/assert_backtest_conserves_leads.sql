-- The number of leads tested, and of those that converted, is the same before and after
-- ranking: in each row of the back-test, in its deciles together, and pooled over
-- cut-offs. Fails when a join loses a value, or a lead is in two deciles.
with

lead_outcomes as (
    select * from {{ ref('int_lead_outcomes') }}
),

score_backtest as (
    select * from {{ ref('fct_score_backtest') }}
),

deciles as (
    select * from {{ ref('fct_score_backtest_deciles') }}
),

pooled as (
    select * from {{ ref('fct_score_backtest_pooled') }}
),

tested as (
    select
        horizon_days,
        as_of_date,
        count(*) as leads_count,
        count(*) filter (where is_converted) as conversions_count
    from lead_outcomes
    group by horizon_days, as_of_date
),

divided as (
    select
        score,
        horizon_days,
        as_of_date,
        sum(leads_count) as leads_count,
        sum(conversions_count) as conversions_count
    from deciles
    group by score, horizon_days, as_of_date
),

added_up as (
    select
        score,
        horizon_days,
        sum(leads_count) as leads_count,
        sum(conversions_count) as conversions_count
    from score_backtest
    group by score, horizon_days
),

-- A probability may be missing on some cut-offs; the other scores never are.
compared as (
    select
        'tested and ranked' as place,
        tested.horizon_days,
        score_backtest.score,
        tested.leads_count as leads_in,
        score_backtest.leads_count as leads_out,
        tested.conversions_count as conversions_in,
        score_backtest.conversions_count as conversions_out
    from tested
    left join score_backtest
        on
            tested.horizon_days = score_backtest.horizon_days
            and tested.as_of_date = score_backtest.as_of_date
            and score_backtest.score != 'probability'
    union all
    select
        'ranked and divided' as place,
        score_backtest.horizon_days,
        score_backtest.score,
        score_backtest.leads_count as leads_in,
        divided.leads_count as leads_out,
        score_backtest.conversions_count as conversions_in,
        divided.conversions_count as conversions_out
    from score_backtest
    left join divided
        on
            score_backtest.score = divided.score
            and score_backtest.horizon_days = divided.horizon_days
            and score_backtest.as_of_date = divided.as_of_date
    union all
    select
        'ranked and pooled' as place,
        added_up.horizon_days,
        added_up.score,
        added_up.leads_count as leads_in,
        pooled.observations_count as leads_out,
        added_up.conversions_count as conversions_in,
        pooled.conversions_count as conversions_out
    from added_up
    left join pooled
        on
            pooled.period = 'all'
            and added_up.score = pooled.score
            and added_up.horizon_days = pooled.horizon_days
)

select *
from compared
where
    leads_in is distinct from leads_out
    or conversions_in is distinct from conversions_out
