-- A lead has a different lead_key every week: its identity_key links the weeks.
with

lead_scores as (
    select * from {{ ref('int_lead_scores') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
),

weeks_after as (
    select
        sample_percent,
        as_of_date
    from scoring_dates
    where is_week_end
),

followed as (
    select
        lead_scores.lead_key,
        lead_scores.fit_grade,
        lead_scores.engagement_grade,
        lead_scores.temperature,
        lead_scores.stage,
        lag(lead_scores.fit_grade) over weeks as last_fit_grade,
        lag(lead_scores.engagement_grade) over weeks as last_engagement_grade,
        lag(lead_scores.temperature) over weeks as last_temperature,
        lag(lead_scores.stage) over weeks as last_stage,
        lead_scores.as_of_date,
        lag(lead_scores.as_of_date) over weeks as last_as_of_date,
        lead(lead_scores.as_of_date) over weeks as next_as_of_date,
        -- A growing shop's sample shrinks: leads that drop out of it have not left.
        lead_scores.sample_bucket < coalesce(
            weeks_after.sample_percent, scoring_dates.sample_percent
        ) as is_followed
    from lead_scores
    inner join scoring_dates
        on
            lead_scores.as_of_date = scoring_dates.as_of_date
            and lead_scores.sample_bucket < scoring_dates.sample_percent
            and scoring_dates.is_week_end
    left join weeks_after
        on {{ add_days('scoring_dates.as_of_date', '7') }} = weeks_after.as_of_date
    window weeks as (
        partition by lead_scores.identity_key
        order by lead_scores.as_of_date
    )
),

-- A lead that is missing for a week has left, and counts as new when it comes back.
compared as (
    select
        lead_key,
        fit_grade,
        engagement_grade,
        temperature,
        stage,
        last_fit_grade,
        last_engagement_grade,
        last_temperature,
        last_stage,
        coalesce(last_as_of_date = {{ add_days('as_of_date', '-7') }}, false)
            as was_there,
        not is_followed
        or coalesce(next_as_of_date = {{ add_days('as_of_date', '7') }}, false)
            as stays,
        as_of_date
    from followed
)

select * from compared
