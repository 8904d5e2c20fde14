-- last_band is blank for leads that entered, band is blank for leads that left, because
-- any other text could be the name of a stage or grade.
with

lead_weeks as (
    select * from {{ ref('int_lead_weeks') }}
),

bands as (
    select * from {{ ref('int_bands') }}
),

dimensions as (
    select distinct dimension
    from bands
),

listed as (
    select
        dimensions.dimension,
        case dimensions.dimension
            when 'fit_grade' then lead_weeks.fit_grade
            when 'engagement_grade' then lead_weeks.engagement_grade
            when 'temperature' then lead_weeks.temperature
            else lead_weeks.stage
        end as band_now,
        case dimensions.dimension
            when 'fit_grade' then lead_weeks.last_fit_grade
            when 'engagement_grade' then lead_weeks.last_engagement_grade
            when 'temperature' then lead_weeks.last_temperature
            else lead_weeks.last_stage
        end as last_band,
        lead_weeks.was_there,
        lead_weeks.stays,
        lead_weeks.as_of_date
    from lead_weeks
    cross join dimensions
),

counted as (
    select
        dimension,
        band_now,
        last_band,
        was_there,
        stays,
        as_of_date,
        count(*) as leads_count
    from listed
    group by dimension, band_now, last_band, was_there, stays, as_of_date
),

moved as (
    select
        dimension,
        case when was_there then last_band else '' end as last_band,
        band_now as band,
        leads_count,
        as_of_date
    from counted
    union all
    select
        dimension,
        band_now as last_band,
        '' as band,
        leads_count,
        {{ add_days('as_of_date', '7') }} as as_of_date
    from counted
    where not stays
),

summed as (
    select
        dimension,
        last_band,
        band,
        cast(sum(leads_count) as bigint) as leads_count,
        as_of_date
    from moved
    group by dimension, last_band, band, as_of_date
)

select * from summed
