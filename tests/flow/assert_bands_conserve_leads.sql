-- The leads of a band a week ago, plus those that entered, less those that left, are
-- the leads of the band now. Fails when a lead moves without leaving, or comes from no
-- band. Numbers scaled up from a sample may differ by their rounding; samples of
-- different sizes are not compared.
with

database_quality_weekly as (
    select * from {{ ref('fct_database_quality_weekly') }}
),

followed as (
    select
        database_quality_weekly.as_of_date,
        database_quality_weekly.dimension,
        database_quality_weekly.band,
        database_quality_weekly.sample_percent,
        database_quality_weekly.leads_count,
        weeks_before.leads_count
        + database_quality_weekly.came_up_count
        + database_quality_weekly.came_down_count
        + database_quality_weekly.entered_count
        - database_quality_weekly.left_count as expected_count
    from database_quality_weekly
    inner join database_quality_weekly as weeks_before
        on
            database_quality_weekly.dimension = weeks_before.dimension
            and database_quality_weekly.band = weeks_before.band
            and database_quality_weekly.sample_percent = weeks_before.sample_percent
            and {{ add_days('database_quality_weekly.as_of_date', '-7') }}
            = weeks_before.as_of_date
)

select *
from followed
where
    abs(leads_count - expected_count)
    > case when sample_percent = 100 then 0 else 3 end
