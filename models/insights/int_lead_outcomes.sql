with

backtest_population as (
    select * from {{ ref('int_backtest_population') }}
),

backtest_dates as (
    select * from {{ ref('int_backtest_dates') }}
),

conversion_days as (
    select * from {{ ref('int_conversion_days') }}
),

followed as (
    select
        backtest_population.lead_key,
        backtest_population.identity_key,
        backtest_population.campaign_id,
        backtest_dates.horizon_days,
        backtest_population.as_of_date,
        min(conversion_days.event_date) as converted_on
    from backtest_population
    inner join backtest_dates
        on backtest_population.as_of_date = backtest_dates.as_of_date
    left join conversion_days
        on
            backtest_population.identity_key = conversion_days.identity_key
            and backtest_population.campaign_id = conversion_days.campaign_id
            and backtest_population.as_of_date < conversion_days.event_date
            and {{ add_days(
                'backtest_population.as_of_date', 'backtest_dates.horizon_days'
            ) }} >= conversion_days.event_date
    group by
        backtest_population.lead_key,
        backtest_population.identity_key,
        backtest_population.campaign_id,
        backtest_dates.horizon_days,
        backtest_population.as_of_date
),

labelled as (
    select
        lead_key,
        identity_key,
        campaign_id,
        horizon_days,
        converted_on is not null as is_converted,
        as_of_date,
        converted_on
    from followed
)

select * from labelled
