{{ config(materialized='view') }}
with

leads as (
    select * from {{ ref('int_leads') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

lead_rule_points as (
    select * from {{ ref('int_lead_rule_points') }}
),

lead_stages as (
    select * from {{ ref('int_lead_stages') }}
),

summed as (
    select
        lead_key,
        {{ rounded("sum(case when score = 'engagement' then points end)", 9) }}
            as engagement_points,
        {{ rounded("sum(case when score = 'fit' then points end)", 9) }} as fit_points,
        sum(case when score = 'engagement' then greatest(points, 0) end)
            as positive_engagement_points
    from lead_rule_points
    group by lead_key
),

joined as (
    select
        leads.lead_key,
        leads.identity_key,
        leads.lead_id,
        coalesce(lead_stages.stage, 'unknown') as stage,
        coalesce(summed.engagement_points, 0) as engagement_points,
        coalesce(summed.positive_engagement_points, 0) as positive_engagement_points,
        coalesce(summed.fit_points, 0) as fit_points,
        coalesce(lead_stages.stage_rank, 0) as stage_rank,
        lead_spells.days_inactive,
        lead_spells.observed_days,
        leads.sample_bucket,
        leads.is_known,
        leads.as_of_date,
        lead_spells.last_activity_date
    from leads
    inner join lead_spells
        on leads.lead_key = lead_spells.lead_key
    left join summed
        on leads.lead_key = summed.lead_key
    left join lead_stages
        on leads.lead_key = lead_stages.lead_key
)

select * from joined
