with

lead_probability_terms as (
    select * from {{ ref('int_lead_probability_terms') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

probability_terms as (
    select * from {{ ref('probability_terms') }}
),

named as (
    select
        leads.lead_id,
        lead_probability_terms.term_id,
        probability_terms.description,
        lead_probability_terms.feature_value,
        lead_probability_terms.log_odds
    from lead_probability_terms
    inner join leads
        on lead_probability_terms.lead_key = leads.lead_key
    inner join probability_terms
        on lead_probability_terms.term_id = probability_terms.term_id
    where leads.as_of_date = {{ as_of_date() }}
)

select * from named
