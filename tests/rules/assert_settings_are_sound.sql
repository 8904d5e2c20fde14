-- Every setting that is read has a row with a value of the right kind and size, and
-- every row is read; fails by naming it. This is the only list of settings.
with

settings as (
    select * from {{ ref('settings') }}
),

event_types as (
    select event_type from {{ ref('event_types') }}
),

known as (
    select listed.*
    from (
        values
        -- setting, kind, may be blank, least, most
        ('inactivity_reset_days', 'number', true, 1, {{ most_days() }}),
        -- Each row is looked for on so many days around its own.
        ('duplicate_window_days', 'number', false, 0, 366),
        ('currency', 'currency', false, null, null),
        ('vip_min_orders', 'number', false, 0, null),
        ('vip_min_amount', 'number', false, 0, null),
        ('high_score_min', 'number', false, 0, 100),
        ('high_score_exit', 'number', true, 0, 100),
        ('few_orders_max', 'number', false, 0, null),
        ('lookalike_top_percent', 'number', false, 1, 100),
        ('reactivate_min_days', 'number', false, 0, {{ most_days() }}),
        ('hot_min_score', 'number', false, 0, 100),
        ('hot_exit_score', 'number', true, 0, 100),
        ('cart_window_days', 'number', false, 1, {{ most_days() }}),
        ('viewer_window_days', 'number', false, 1, {{ most_days() }}),
        ('at_risk_min_score', 'number', false, 0, 100),
        ('at_risk_min_drop', 'number', false, 0, 100),
        ('at_risk_max_days', 'number', false, 0, {{ most_days() }}),
        ('new_lead_days', 'number', false, 1, {{ most_days() }}),
        ('segment_catch_up_days', 'number', false, 0, {{ most_days() }}),
        ('history_weeks', 'number', false, 0, {{ most_days() }}),
        ('history_max_leads', 'number', false, 1, null),
        ('backtest_horizon_days', 'days', false, null, null),
        ('backtest_cutoffs', 'number', false, 0, {{ most_days() }}),
        ('backtest_step_days', 'number', false, 1, {{ most_days() }}),
        ('backtest_cutoff_dates', 'dates', true, null, null),
        ('backtest_population', 'event type', true, null, null),
        ('backtest_conversion', 'event type', true, null, null),
        ('backtest_occasion', 'event type', true, null, null),
        ('champion_score', 'score', false, null, null),
        ('champion_must_beat', 'baselines', true, null, null),
        ('champion_min_auc', 'share', true, null, null),
        ('advance_days', 'number', false, 1, {{ most_days() }})
    ) as listed (setting, kind, may_be_blank, least, most)
),

likeness as (
    select
        settings.setting,
        known.setting as known_setting,
        levenshtein(settings.setting, known.setting) as changes,
        row_number() over (
            partition by settings.setting
            order by levenshtein(settings.setting, known.setting), known.setting
        ) as place
    from settings
    cross join known
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
        known.setting,
        settings.value,
        known.kind,
        known.may_be_blank,
        known.least,
        known.most,
        settings.setting is not null as has_row,
        count(*) over (partition by known.setting) as rows_count
    from known
    left join settings
        on known.setting = settings.setting
),

problems as (
    select
        setting,
        case
            when not has_row and may_be_blank then 'has no row: add it, blank if unused'
            when not has_row then 'has no row: add it with its value'
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
            when kind = 'number' and try_cast(value as integer) < least
                then concat('must be at least ', cast(least as string))
            when kind = 'number' and try_cast(value as integer) > most
                then concat('must be at most ', cast(most as string))
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
        end as problem
    from described
    union all
    select
        setting,
        concat(
            'is read by nothing: remove it',
            case
                when changes <= 5 then concat(' (did you mean `', known_setting, '`?)')
                else ''
            end
        ) as problem
    from likeness
    where place = 1 and changes > 0
    union all
    select
        'backtest_horizon_days' as setting,
        concat(
            '`', item, '` is not a number of days, such as 30 or 30|90, at most ',
            '{{ most_days() }}'
        ) as problem
    from horizons
    where
        coalesce(try_cast(item as integer), 0) not between 1 and {{ most_days() }}
        or item like '%.%'
    union all
    select
        'backtest_cutoff_dates' as setting,
        concat('`', item, '` is not a date such as 2026-03-01') as problem
    from cutoff_dates
    where try_cast(item as date) is null or item not like '____-__-__'
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
