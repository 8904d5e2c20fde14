with

lead_graded as (
    select * from {{ ref('int_lead_graded') }}
),

lead_places as (
    select * from {{ ref('int_lead_places') }}
),

lead_disqualifications as (
    select * from {{ ref('int_lead_disqualifications') }}
),

lead_totals as (
    select * from {{ ref('int_lead_totals') }}
),

matrix_cells as (
    select * from {{ ref('int_matrix_cells') }}
),

lead_reasons as (
    select * from {{ ref('int_lead_reasons') }}
),

rules as (
    select * from {{ ref('int_rules') }}
),

lead_probabilities as (
    select * from {{ ref('int_lead_probabilities') }}
),

described as (
    select
        lead_graded.lead_key,
        lead_graded.identity_key,
        lead_graded.lead_id,
        lead_graded.engagement_grade,
        lead_graded.fit_grade,
        lead_graded.stage,
        case
            when lead_disqualifications.lead_key is null then lead_graded.temperature
            else 'irrelevant'
        end as temperature,
        matrix_cells.cell,
        matrix_cells.next_action,
        matrix_cells.price_tier,
        lead_disqualifications.disqualified_reason,
        first_rule.description as top_reason_1,
        second_rule.description as top_reason_2,
        third_rule.description as top_reason_3,
        lead_graded.engagement_points,
        lead_graded.engagement_score,
        lead_graded.fit_points,
        lead_graded.fit_score,
        cast(lead_graded.stage_rank as integer) as stage_rank,
        lead_graded.lead_score,
        lead_places.score_rank,
        lead_places.score_percentile,
        lead_probabilities.conversion_probability,
        coalesce(lead_totals.orders_count, 0) as orders_count,
        cast(coalesce(lead_totals.orders_amount, 0) as double) as orders_amount,
        cast(lead_graded.days_inactive as integer) as days_inactive,
        lead_graded.observed_days,
        coalesce(lead_totals.events_count, 0) as events_count,
        lead_graded.sample_bucket,
        lead_graded.is_known,
        lead_disqualifications.lead_key is not null as is_disqualified,
        lead_graded.as_of_date,
        lead_graded.last_activity_date,
        lead_totals.last_order_date,
        lead_totals.last_order_at,
        lead_totals.last_cart_at,
        lead_totals.last_product_view_at
    from lead_graded
    inner join lead_places
        on lead_graded.lead_key = lead_places.lead_key
    inner join matrix_cells
        on
            lead_graded.fit_grade = matrix_cells.fit_grade
            and lead_graded.engagement_grade = matrix_cells.engagement_grade
            and lead_graded.stage = matrix_cells.stage
    left join lead_disqualifications
        on lead_graded.lead_key = lead_disqualifications.lead_key
    left join lead_totals
        on lead_graded.lead_key = lead_totals.lead_key
    left join lead_reasons
        on lead_graded.lead_key = lead_reasons.lead_key
    left join rules as first_rule
        on lead_reasons.rule_number_1 = first_rule.rule_number
    left join rules as second_rule
        on lead_reasons.rule_number_2 = second_rule.rule_number
    left join rules as third_rule
        on lead_reasons.rule_number_3 = third_rule.rule_number
    left join lead_probabilities
        on lead_graded.lead_key = lead_probabilities.lead_key
)

select * from described
