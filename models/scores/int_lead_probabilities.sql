with

lead_probability_terms as (
    select * from {{ ref('int_lead_probability_terms') }}
),

summed as (
    select
        lead_key,
        sum(log_odds) as log_odds
    from lead_probability_terms
    group by lead_key
),

converted as (
    select
        lead_key,
        {{ rounded('1 / (1 + exp(-log_odds))', 6) }} as conversion_probability
    from summed
)

select * from converted
