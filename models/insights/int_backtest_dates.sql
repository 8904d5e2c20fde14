with

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
),

probability_terms as (
    select * from {{ ref('probability_terms') }}
),

horizons as (
    select distinct cast(horizon.value as integer) as horizon_days
    from {{ list_items(setting('backtest_horizon_days')) }} as horizon
),

fitted as (
    select max(fitted_until) as fitted_until
    from probability_terms
),

-- What a lead did after a cut-off is known once the horizon has passed.
matured as (
    select
        horizons.horizon_days,
        coalesce(scoring_dates.as_of_date >= fitted.fitted_until, false)
            as is_after_fit,
        scoring_dates.as_of_date
    from scoring_dates
    cross join horizons
    cross join fitted
    where
        scoring_dates.is_cutoff
        and {{ add_days('scoring_dates.as_of_date', 'horizons.horizon_days') }}
        <= {{ as_of_date() }}
)

select * from matured
