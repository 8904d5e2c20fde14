with

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

selected as (
    select
        lead_id,
        disqualified_reason,
        lead_score
    from lead_scores
    where is_disqualified
)

select * from selected
