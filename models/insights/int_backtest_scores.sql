with

lead_outcomes as (
    select * from {{ ref('int_lead_outcomes') }}
),

lead_scores as (
    select * from {{ ref('int_lead_scores') }}
),

lead_rfm as (
    select * from {{ ref('int_lead_rfm') }}
),

compared as (
    select cast(listed_scores.score as string) as score
    from (
        values
        ('engagement'), ('fit'), ('lead'), ('probability'),
        ('event_count'), ('recency'), ('order_count'), ('rfm')
    ) as listed_scores (score)
),

-- Ties are broken by a shuffle that is the same on every engine.
shuffled as (
    select
        lead_outcomes.lead_key,
        lead_outcomes.identity_key,
        lead_outcomes.campaign_id,
        lead_outcomes.horizon_days,
        lead_outcomes.is_converted,
        lead_outcomes.as_of_date,
        lead_scores.engagement_points,
        lead_scores.fit_points,
        lead_scores.lead_score,
        lead_scores.conversion_probability,
        lead_scores.events_count,
        -- Leads that were never active count as silent for a hundred years.
        -1 * coalesce(lead_scores.days_inactive, 36525) as recency,
        lead_scores.orders_count,
        coalesce(lead_rfm.rfm, 3) as rfm,
        row_number() over (
            partition by lead_outcomes.as_of_date, lead_outcomes.horizon_days
            order by md5(lead_scores.lead_id), lead_outcomes.campaign_id
        ) as shuffled_place
    from lead_outcomes
    inner join lead_scores
        on lead_outcomes.lead_key = lead_scores.lead_key
    left join lead_rfm
        on lead_outcomes.lead_key = lead_rfm.lead_key
),

listed as (
    select
        shuffled.lead_key,
        shuffled.identity_key,
        shuffled.campaign_id,
        compared.score,
        shuffled.horizon_days,
        cast(case compared.score
            when 'engagement' then shuffled.engagement_points
            when 'fit' then shuffled.fit_points
            when 'lead' then shuffled.lead_score
            when 'probability' then shuffled.conversion_probability
            when 'event_count' then shuffled.events_count
            when 'recency' then shuffled.recency
            when 'order_count' then shuffled.orders_count
            else shuffled.rfm
        end as double) as value,
        shuffled.shuffled_place,
        shuffled.is_converted,
        shuffled.as_of_date
    from shuffled
    cross join compared
    where compared.score != 'probability' or shuffled.conversion_probability is not null
)

select * from listed
