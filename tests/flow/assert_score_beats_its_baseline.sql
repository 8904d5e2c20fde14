-- The champion, the score that the shop trusts, still ranks better than the baselines
-- of champion_must_beat and no worse than champion_min_auc; a blank setting switches
-- its check off. Fails, with the numbers, when over all cut-offs it ranks no better
-- than a baseline, when on the newest cut-off it ranks worse by more than chance, and
-- when its AUC is below champion_min_auc by more than chance. A probability is judged
-- on cut-offs that its model has not seen.
with

pooled as (
    select * from {{ ref('fct_score_backtest_pooled') }}
),

score_backtest as (
    select * from {{ ref('fct_score_backtest') }}
),

asked as (
    select
        {{ setting('champion_score') }} as score,
        case
            when {{ setting('champion_score') }} = 'probability' then 'after_fit'
            else 'all'
        end as period,
        cast({{ setting('champion_min_auc') }} as double) as min_auc
),

baselines as (
    select items.value as item
    from {{ list_items(setting('champion_must_beat')) }} as items
),

newest as (
    select
        horizon_days,
        max(as_of_date) as as_of_date
    from score_backtest
    group by horizon_days
),

-- On the newest cut-off a score that has begun to fail shows it before the mean of all
-- does; a longer horizon ends on an earlier cut-off.
judged as (
    select
        score,
        period,
        horizon_days,
        auc,
        auc_high,
        concat(cast(first_date as string), ' to ', cast(last_date as string)) as place
    from pooled
    union all
    select
        score_backtest.score,
        'newest' as period,
        score_backtest.horizon_days,
        score_backtest.auc,
        score_backtest.auc_high,
        cast(score_backtest.as_of_date as string) as place
    from score_backtest
    inner join newest
        on
            score_backtest.horizon_days = newest.horizon_days
            and score_backtest.as_of_date = newest.as_of_date
),

champions as (
    select
        judged.score,
        judged.period,
        judged.horizon_days,
        judged.auc,
        judged.auc_high,
        asked.min_auc,
        concat(
            judged.place, ', ', cast(judged.horizon_days as string), ' days: ',
            judged.score, ' has AUC ', cast(round(judged.auc, 4) as string),
            ' (at most ', cast(round(judged.auc_high, 4) as string), '), '
        ) as finding
    from judged
    inner join asked
        on judged.score = asked.score and judged.period in (asked.period, 'newest')
),

problems as (
    select
        concat(
            champions.finding, judged.score, ' has ',
            cast(round(judged.auc, 4) as string)
        ) as problem
    from champions
    inner join judged
        on
            champions.period = judged.period
            and champions.horizon_days = judged.horizon_days
    where
        judged.score in (select baselines.item from baselines)
        and judged.auc >= case
            when champions.period = 'newest' then champions.auc_high
            else champions.auc
        end
    union all
    select concat(finding, 'champion_min_auc is ', cast(min_auc as string)) as problem
    from champions
    where period != 'newest' and auc_high < min_auc
    union all
    select concat('the back-test has no baseline called ', item) as problem
    from baselines
    where
        item not in (
            'engagement', 'fit', 'lead', 'event_count', 'recency', 'order_count', 'rfm'
        )
    union all
    select concat('there is no back-test of ', score, ' on new cut-offs') as problem
    from asked
    where
        (min_auc is not null or (select count(*) from baselines) > 0)
        and (select count(*) from pooled) > 0
        and score not in (
            select champions.score
            from champions
            where champions.period != 'newest'
        )
)

select
    concat(
        problem,
        ': calibrate the rules, go back to the last ones, or change settings champion_*'
    ) as message
from problems
