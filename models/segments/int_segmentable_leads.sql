-- What segments choose by, on every day that fct_segment_changes is told of. Only the
-- customers are ranked: they are few.
with

lead_scores as {{ inlined() }} (
    select * from {{ ref('int_lead_scores') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

lead_totals as (
    select * from {{ ref('int_lead_totals') }}
),

-- Narrow, so that what is held for the joins with the wide scores is little.
chosen_leads as (
    select
        leads.lead_key,
        leads.is_known,
        {{ days_between(local_date('lead_totals.last_order_at'), 'leads.as_of_date') }}
            as days_since_order,
        {{ days_between(local_date('lead_totals.last_cart_at'), 'leads.as_of_date') }}
            as days_since_cart,
        {{ days_between(
            local_date('lead_totals.last_product_view_at'), 'leads.as_of_date'
        ) }} as days_since_view,
        lead_totals.last_order_at,
        lead_totals.last_cart_at,
        lead_totals.last_product_view_at
    from leads
    inner join scoring_dates
        on
            leads.as_of_date = scoring_dates.as_of_date
            and scoring_dates.is_segment_day
    left join lead_totals
        on leads.lead_key = lead_totals.lead_key
),

best_customers as (
    select
        lead_scores.lead_key,
        100 * percent_rank() over (
            partition by lead_scores.as_of_date
            order by lead_scores.lead_score desc
        ) as top_percent
    from lead_scores
    inner join chosen_leads
        on lead_scores.lead_key = chosen_leads.lead_key
    where
        chosen_leads.is_known
        and not lead_scores.is_disqualified
        and lead_scores.orders_count > 0
),

joined as (
    select
        lead_scores.lead_key,
        lead_scores.lead_id,
        lead_scores.stage,
        lead_scores.temperature,
        lead_scores.next_action,
        lead_scores.top_reason_1,
        lead_scores.disqualified_reason,
        lead_scores.lead_score,
        lead_scores.engagement_score,
        lead_scores.orders_count,
        lead_scores.orders_amount,
        lead_scores.days_inactive,
        lead_scores.observed_days,
        chosen_leads.days_since_order,
        chosen_leads.days_since_cart,
        chosen_leads.days_since_view,
        best_customers.top_percent,
        chosen_leads.is_known,
        lead_scores.is_disqualified,
        lead_scores.as_of_date,
        lead_scores.last_activity_date,
        chosen_leads.last_order_at,
        chosen_leads.last_cart_at,
        chosen_leads.last_product_view_at
    from lead_scores
    inner join chosen_leads
        on lead_scores.lead_key = chosen_leads.lead_key
    left join best_customers
        on lead_scores.lead_key = best_customers.lead_key
)

select * from joined
