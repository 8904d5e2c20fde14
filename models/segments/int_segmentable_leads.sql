-- A disqualified lead is in no segment but seg_irrelevant.
with

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

leads as (
    select * from {{ ref('dim_leads') }}
),

lead_totals as (
    select * from {{ ref('int_lead_totals') }}
),

resolved as (
    select * from {{ ref('int_leads') }}
),

joined as (
    select
        resolved.lead_key,
        lead_scores.lead_id,
        lead_scores.stage,
        lead_scores.temperature,
        lead_scores.cell,
        lead_scores.next_action,
        lead_scores.top_reason_1,
        lead_scores.lead_score,
        lead_scores.engagement_score,
        lead_scores.fit_score,
        lead_scores.orders_count,
        lead_scores.orders_amount,
        lead_scores.days_inactive,
        lead_scores.observed_days,
        leads.is_known,
        lead_scores.as_of_date,
        lead_scores.last_activity_date,
        lead_totals.last_order_at,
        lead_totals.last_cart_at,
        lead_totals.last_product_view_at
    from lead_scores
    inner join leads
        on lead_scores.lead_id = leads.lead_id
    inner join resolved
        on
            lead_scores.lead_id = resolved.lead_id
            and lead_scores.as_of_date = resolved.as_of_date
    left join lead_totals
        on resolved.lead_key = lead_totals.lead_key
    where not lead_scores.is_disqualified
)

select * from joined
