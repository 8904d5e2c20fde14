-- Evenly spaced cut-offs stay the same from day to day; settings may name other days,
-- or take the days before campaigns went out.
with

as_of_date as (
    select * from {{ ref('int_as_of_date') }}
),

identifiers_seen as (
    select * from {{ ref('int_identifiers_seen') }}
),

campaigns_daily as (
    select * from {{ ref('int_campaigns_daily') }}
),

begun as (
    select min(first_seen_date) as first_event_date
    from identifiers_seen
),

bounds as (
    select
        {{ add_days('as_of_date', '-' ~ shortest_horizon()) }} as last_mature_date,
        {{ setting('backtest_cutoff_dates') }} as named_dates,
        {{ setting('backtest_occasion') }} as occasion
    from as_of_date
),

spaced as (
    select {{ spaced_date(
        'bounds.last_mature_date',
        setting_number('backtest_step_days'),
        'numbers.number',
    ) }} as as_of_date
    from bounds
    cross join {{ numbers_below(setting_number('backtest_cutoffs')) }} as numbers
    where bounds.named_dates is null and bounds.occasion is null
),

named as (
    select cast(dates.value as date) as as_of_date
    from {{ list_items(setting('backtest_cutoff_dates')) }} as dates
),

mailed as (
    select distinct {{ add_days('campaigns_daily.event_date', '-1') }} as as_of_date
    from campaigns_daily
    inner join bounds
        on
            campaigns_daily.event_type = bounds.occasion
            and bounds.named_dates is null
            and {{ add_days('campaigns_daily.event_date', '-1') }}
            <= bounds.last_mature_date
),

mailed_from_newest as (
    select
        as_of_date,
        row_number() over (order by as_of_date desc) as place
    from mailed
),

united as (
    select * from spaced
    union all
    select * from named
    union all
    select as_of_date
    from mailed_from_newest
    where place <= {{ setting_number('backtest_cutoffs') }}
),

-- All days after a cut-off lie between the first event and today.
watched as (
    select distinct united.as_of_date
    from united
    inner join bounds
        on united.as_of_date <= bounds.last_mature_date
    inner join begun
        on {{ add_days('united.as_of_date', '1') }} >= begun.first_event_date
)

select * from watched
