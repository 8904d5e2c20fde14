with

band_moves as (
    select * from {{ ref('int_band_moves') }}
),

bands as (
    select * from {{ ref('int_bands') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
),

-- Moves are unknown in the first week: there is no earlier week to compare with.
weeks as (
    select
        scoring_dates.as_of_date,
        scoring_dates.sample_percent,
        100 / scoring_dates.sample_percent as scale,
        case
            when weeks_before.as_of_date is not null
                then 100 / scoring_dates.sample_percent
        end as scale_of_moves
    from scoring_dates
    left join scoring_dates as weeks_before
        on
            weeks_before.is_week_end
            and {{ add_days('scoring_dates.as_of_date', '-7') }}
            = weeks_before.as_of_date
    where scoring_dates.is_week_end
),

ranked as (
    select
        band_moves.dimension,
        band_moves.last_band,
        band_moves.band,
        band_moves.leads_count,
        last_bands.band_rank as last_band_rank,
        next_bands.band_rank,
        band_moves.as_of_date
    from band_moves
    left join bands as next_bands
        on
            band_moves.dimension = next_bands.dimension
            and band_moves.band = next_bands.band
    left join bands as last_bands
        on
            band_moves.dimension = last_bands.dimension
            and band_moves.last_band = last_bands.band
),

-- Empty bands have a row, too.
counted as (
    select
        bands.dimension,
        bands.band,
        bands.band_rank,
        sum(case when ranked.band = bands.band then ranked.leads_count else 0 end)
            as leads_count,
        sum(case
            when ranked.band = bands.band and ranked.last_band_rank < bands.band_rank
                then ranked.leads_count
            else 0
        end) as came_up_count,
        sum(case
            when ranked.band = bands.band and ranked.last_band_rank > bands.band_rank
                then ranked.leads_count
            else 0
        end) as came_down_count,
        sum(case
            when ranked.band = bands.band and ranked.last_band_rank is null
                then ranked.leads_count
            else 0
        end) as entered_count,
        sum(case
            when ranked.last_band = bands.band and ranked.band != bands.band
                then ranked.leads_count
            else 0
        end) as left_count,
        weeks.sample_percent,
        weeks.scale,
        weeks.scale_of_moves,
        weeks.as_of_date
    from weeks
    cross join bands
    left join ranked
        on
            weeks.as_of_date = ranked.as_of_date
            and bands.dimension = ranked.dimension
            and bands.band in (ranked.band, ranked.last_band)
    group by
        bands.dimension, bands.band, bands.band_rank,
        weeks.sample_percent, weeks.scale, weeks.scale_of_moves, weeks.as_of_date
),

scaled as (
    select
        dimension,
        band,
        band_rank,
        cast({{ rounded('scale * leads_count', 0) }} as bigint) as leads_count,
        {{ rounded('leads_count / nullif(cast(
            sum(leads_count) over (partition by as_of_date, dimension) as double
        ), 0)', 12) }} as share_of_leads,
        cast({{ rounded('scale_of_moves * came_up_count', 0) }} as bigint)
            as came_up_count,
        cast({{ rounded('scale_of_moves * came_down_count', 0) }} as bigint)
            as came_down_count,
        cast({{ rounded('scale_of_moves * entered_count', 0) }} as bigint)
            as entered_count,
        cast({{ rounded('scale_of_moves * left_count', 0) }} as bigint) as left_count,
        sample_percent,
        as_of_date
    from counted
)

select * from scaled
