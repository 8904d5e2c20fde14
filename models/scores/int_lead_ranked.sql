with

lead_places as (
    select * from {{ ref('int_lead_places') }}
),

lead_graded as (
    select * from {{ ref('int_lead_graded') }}
),

lead_disqualifications as (
    select * from {{ ref('int_lead_disqualifications') }}
),

lead_totals as (
    select * from {{ ref('int_lead_totals') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

lead_lifetimes as (
    select * from {{ ref('int_lead_lifetimes') }}
),

described as (
    select
        lead_graded.lead_key,
        lead_places.identity_key,
        lead_places.lead_id,
        lead_graded.engagement_grade,
        lead_graded.fit_grade,
        lead_graded.stage,
        case
            when lead_disqualifications.lead_key is null then lead_graded.temperature
            else 'irrelevant'
        end as temperature,
        lead_disqualifications.disqualified_reason,
        lead_graded.engagement_points,
        lead_graded.engagement_score,
        lead_graded.fit_points,
        lead_graded.fit_score,
        cast(lead_graded.stage_rank as integer) as stage_rank,
        lead_graded.lead_score,
        lead_places.score_rank,
        lead_places.score_percentile,
        coalesce(lead_totals.orders_count, 0) as orders_count,
        cast(coalesce(lead_totals.orders_amount, 0) as double) as orders_amount,
        cast(lead_spells.days_inactive as integer) as days_inactive,
        lead_lifetimes.observed_days,
        coalesce(lead_totals.events_count, 0) as events_count,
        lead_places.sample_bucket,
        lead_disqualifications.lead_key is not null as is_disqualified,
        lead_places.as_of_date,
        lead_spells.last_activity_date,
        lead_totals.last_order_date
    from lead_graded
    inner join lead_places
        on lead_graded.lead_key = lead_places.lead_key
    inner join lead_lifetimes
        on lead_graded.lead_key = lead_lifetimes.lead_key
    left join lead_disqualifications
        on lead_graded.lead_key = lead_disqualifications.lead_key
    left join lead_totals
        on lead_graded.lead_key = lead_totals.lead_key
    left join lead_spells
        on lead_graded.lead_key = lead_spells.lead_key
)

select * from described
