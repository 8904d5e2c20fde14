-- The log-odds of a lead's terms add up to its probability. Fails when a term is lost,
-- or counted twice, between the why and the what.
with

lead_probability_terms as (
    select * from {{ ref('fct_lead_probability_terms') }}
),

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

summed as (
    select
        lead_id,
        sum(log_odds) as log_odds
    from lead_probability_terms
    group by lead_id
)

select
    lead_scores.lead_id,
    lead_scores.conversion_probability,
    summed.log_odds
from lead_scores
full outer join summed
    on lead_scores.lead_id = summed.lead_id
where
    (lead_scores.conversion_probability is null) != (summed.log_odds is null)
    or abs(
        lead_scores.conversion_probability - 1 / (1 + exp(-summed.log_odds))
    ) > 1e-6
