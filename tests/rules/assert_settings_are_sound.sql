-- Every setting that the models read has a row of the right kind; fails by naming it.
with

settings as (
    select * from {{ ref('settings') }}
),

event_types as (
    select event_type from {{ ref('event_types') }}
),

horizons as (
    select value as item
    from {{ list_items(setting('backtest_horizon_days')) }} as horizons
),

cutoff_dates as (
    select value as item
    from {{ list_items(setting('backtest_cutoff_dates')) }} as cutoff_dates
),

baselines as (
    select value as item
    from {{ list_items(setting('champion_must_beat')) }} as baselines
),

described as (
    select
        setting,
        trim(value) as value,
        case
            when setting = 'currency' then 'currency'
            when setting = 'backtest_horizon_days' then 'days'
            when setting = 'backtest_cutoff_dates' then 'dates'
            when setting = 'champion_score' then 'score'
            when setting = 'champion_must_beat' then 'baselines'
            when setting = 'champion_min_auc' then 'share'
            when
                setting in (
                    'backtest_population', 'backtest_conversion', 'backtest_occasion'
                )
                then 'event type'
            else 'number'
        end as kind,
        setting in (
            'inactivity_reset_days',
            'hot_exit_score',
            'high_score_exit',
            'backtest_cutoff_dates',
            'backtest_population',
            'backtest_conversion',
            'backtest_occasion',
            'champion_must_beat',
            'champion_min_auc'
        ) as may_be_blank,
        count(*) over (partition by setting) as rows_count
    from settings
),

problems as (
    select
        setting,
        case
            when rows_count > 1 then 'has two rows'
            when value is null and not may_be_blank then 'has no value: give one'
            when
                kind = 'number'
                and (try_cast(value as integer) is null or value like '%.%')
                and value != ''
                then concat('`', value, '` is not a whole number')
            when
                kind = 'share'
                and coalesce(try_cast(value as double) not between 0 and 1, true)
                and value != ''
                then concat('`', value, '` is not a number between 0 and 1')
            when
                kind = 'score'
                and value not in ('engagement', 'fit', 'lead', 'probability')
                then
                    concat(
                        '`', value, '` is no score: engagement, fit, lead, probability'
                    )
            when setting = 'advance_days' and try_cast(value as integer) % 7 != 0
                then 'must be whole weeks: 7, 14, 21 …'
            when
                kind = 'event type'
                and value not in (select event_types.event_type from event_types)
                then concat('`', value, '` is no event type of event_types.csv')
            when
                setting in (
                    'inactivity_reset_days', 'backtest_step_days', 'advance_days'
                )
                and try_cast(value as integer) < 1
                then 'must be at least 1'
            when
                setting = 'hot_exit_score'
                and try_cast(value as integer)
                > try_cast({{ setting('hot_min_score') }} as integer)
                then 'must not be higher than hot_min_score'
            when
                setting = 'high_score_exit'
                and try_cast(value as integer)
                > try_cast({{ setting('high_score_min') }} as integer)
                then 'must not be higher than high_score_min'
            when
                setting in (
                    'history_weeks',
                    'history_max_leads',
                    'backtest_cutoffs',
                    'segment_catch_up_days'
                )
                and try_cast(value as integer) < 0
                then 'must not be negative'
        end as problem
    from described
    union all
    select
        'backtest_horizon_days' as setting,
        concat('`', item, '` is not a number of days, such as 30 or 30|90') as problem
    from horizons
    where coalesce(try_cast(item as integer), 0) < 1
    union all
    select
        'backtest_cutoff_dates' as setting,
        concat('`', item, '` is not a date such as 2026-03-01') as problem
    from cutoff_dates
    where try_cast(item as date) is null
    union all
    select
        'champion_must_beat' as setting,
        concat('`', item, '` is no baseline: event_count, recency, order_count or rfm')
            as problem
    from baselines
    where item not in ('event_count', 'recency', 'order_count', 'rfm')
)

select concat('settings.csv, setting `', setting, '`: ', problem) as message
from problems
where problem is not null
