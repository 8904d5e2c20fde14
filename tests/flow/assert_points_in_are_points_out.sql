-- Points in = points out: the rows that explain a lead add up to its published points,
-- and only published leads are explained. Fails when a reason is lost, counted twice,
-- or belongs to nobody.
with

lead_rule_points as (
    select * from {{ ref('fct_lead_rule_points') }}
),

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

explained as (
    select
        lead_id,
        sum(case when score = 'engagement' then points else 0 end) as engagement_points,
        sum(case when score = 'fit' then points else 0 end) as fit_points
    from lead_rule_points
    group by lead_id
)

select
    explained.lead_id as explained_lead_id,
    lead_scores.lead_id,
    explained.engagement_points as explained_engagement_points,
    lead_scores.engagement_points,
    explained.fit_points as explained_fit_points,
    lead_scores.fit_points
from explained
full outer join lead_scores
    on explained.lead_id = lead_scores.lead_id
where
    lead_scores.lead_id is null
    or abs(coalesce(explained.engagement_points, 0) - lead_scores.engagement_points)
    > 1e-6
    or abs(coalesce(explained.fit_points, 0) - lead_scores.fit_points) > 1e-6
