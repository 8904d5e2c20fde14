-- Only leads with orders are ranked: they are few.
with

lead_scores as (
    select * from {{ ref('int_lead_scores') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
),

ranked as (
    select
        lead_scores.lead_key,
        100 * percent_rank() over (
            partition by lead_scores.as_of_date
            order by lead_scores.lead_score desc
        ) as top_percent
    from lead_scores
    inner join scoring_dates
        on
            lead_scores.as_of_date = scoring_dates.as_of_date
            and scoring_dates.is_segment_day
    where
        lead_scores.is_known
        and not lead_scores.is_disqualified
        and lead_scores.orders_count > 0
)

select * from ranked
