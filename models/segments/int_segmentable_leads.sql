-- What segments choose by, on every day that fct_segment_changes is told of.
with

lead_scores as (
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

joined as (
    select
        lead_scores.lead_key,
        lead_scores.lead_id,
        lead_scores.stage,
        lead_scores.temperature,
        lead_scores.cell,
        lead_scores.next_action,
        lead_scores.top_reason_1,
        lead_scores.disqualified_reason,
        lead_scores.lead_score,
        lead_scores.engagement_score,
        lead_scores.fit_score,
        lead_scores.orders_count,
        lead_scores.orders_amount,
        lead_scores.days_inactive,
        lead_scores.observed_days,
        {{ days_between(
            local_date('lead_totals.last_order_at'), 'lead_scores.as_of_date'
        ) }} as days_since_order,
        {{ days_between(
            local_date('lead_totals.last_cart_at'), 'lead_scores.as_of_date'
        ) }} as days_since_cart,
        {{ days_between(
            local_date('lead_totals.last_product_view_at'), 'lead_scores.as_of_date'
        ) }} as days_since_view,
        leads.is_known,
        lead_scores.is_disqualified,
        leads.is_known
        and not lead_scores.is_disqualified
        and lead_scores.orders_count > 0 as is_customer,
        lead_scores.as_of_date,
        lead_scores.last_activity_date,
        lead_totals.last_order_at,
        lead_totals.last_cart_at,
        lead_totals.last_product_view_at
    from lead_scores
    inner join scoring_dates
        on
            lead_scores.as_of_date = scoring_dates.as_of_date
            and scoring_dates.is_segment_day
    inner join leads
        on lead_scores.lead_key = leads.lead_key
    left join lead_totals
        on lead_scores.lead_key = lead_totals.lead_key
),

placed as (
    select
        lead_key,
        lead_id,
        stage,
        temperature,
        cell,
        next_action,
        top_reason_1,
        disqualified_reason,
        lead_score,
        engagement_score,
        fit_score,
        orders_count,
        orders_amount,
        days_inactive,
        observed_days,
        days_since_order,
        days_since_cart,
        days_since_view,
        case
            when is_customer
                then 100 * percent_rank() over (
                    partition by as_of_date, is_customer
                    order by lead_score desc
                )
        end as top_percent,
        is_known,
        is_disqualified,
        as_of_date,
        last_activity_date,
        last_order_at,
        last_cart_at,
        last_product_view_at
    from joined
)

select * from placed
