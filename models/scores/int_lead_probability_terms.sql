{{ config(materialized='view') }}
-- A term that adds nothing to a lead's log-odds has no row.
with

lead_features as (
    select * from {{ ref('int_lead_features') }}
),

lead_rule_points as (
    select * from {{ ref('int_lead_rule_points') }}
),

probability_terms as (
    select * from {{ ref('probability_terms') }}
),

of_leads as (
    select
        lead_features.lead_key,
        probability_terms.term_id,
        probability_terms.kind,
        probability_terms.operand,
        case probability_terms.feature
            when 'stage' then lead_features.stage
            when 'occasion' then lead_features.occasion
        end as feature_text,
        probability_terms.min_value,
        probability_terms.max_value,
        probability_terms.coefficient,
        case probability_terms.feature
            when 'engagement_points' then lead_features.engagement_points
            when 'fit_points' then lead_features.fit_points
            when 'days_inactive' then lead_features.days_inactive
            when 'days_since_order' then lead_features.days_since_order
            when 'observed_days' then lead_features.observed_days
            when 'orders_count' then lead_features.orders_count
            when 'orders_amount' then lead_features.orders_amount
            when 'events_count' then lead_features.events_count
        end as feature_value
    from lead_features
    cross join probability_terms
    -- The constant has no feature.
    where coalesce(probability_terms.feature, '') not like 'points:%'
),

of_rules as (
    select
        lead_rule_points.lead_key,
        probability_terms.term_id,
        probability_terms.kind,
        probability_terms.operand,
        cast(null as string) as feature_text,
        probability_terms.min_value,
        probability_terms.max_value,
        probability_terms.coefficient,
        lead_rule_points.points as feature_value
    from lead_rule_points
    inner join probability_terms
        on probability_terms.feature = 'points:' || lead_rule_points.rule_id
),

united as (
    select * from of_leads
    union all
    select * from of_rules
),

weighed as (
    select
        lead_key,
        term_id,
        feature_value,
        {{ rounded('coefficient * ' ~ term_value(
            'kind', 'feature_value', 'feature_text', 'operand', 'min_value', 'max_value'
        ), 9) }} as log_odds
    from united
),

contributing as (
    select
        lead_key,
        term_id,
        feature_value,
        log_odds
    from weighed
    where log_odds != 0
)

select * from contributing
