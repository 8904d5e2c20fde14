-- Ranks run from 1 to the number of leads, better leads first. Fails when two leads
-- share a rank, when one is left out, or when a worse lead goes before a better one.
with

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

followed as (
    select
        lead_id,
        lead_score,
        score_percentile,
        score_rank,
        lag(score_rank, 1, cast(0 as bigint)) over (
            order by score_rank
        ) as previous_rank,
        lag(lead_score) over (order by score_rank) as previous_score,
        lag(score_percentile) over (order by score_rank) as previous_percentile
    from lead_scores
)

select *
from followed
where
    score_rank is distinct from previous_rank + 1
    or lead_score > previous_score
    or score_percentile > previous_percentile
    or score_percentile <= 0
    or score_percentile > 100
