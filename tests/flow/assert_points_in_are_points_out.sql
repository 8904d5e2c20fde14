-- Points in = points out: the rows that explain a lead add up to its points, on every
-- scoring date, and only leads with a score are explained. Fails when a reason is lost,
-- counted twice, or belongs to no lead.
with

lead_rule_points as (
    select * from {{ ref('int_lead_rule_points') }}
),

lead_scores as (
    select * from {{ ref('int_lead_scores') }}
),

explained as (
    select
        lead_key,
        sum(case when score = 'engagement' then points else 0 end) as engagement_points,
        sum(case when score = 'fit' then points else 0 end) as fit_points
    from lead_rule_points
    group by lead_key
)

select
    explained.lead_key as explained_lead_key,
    lead_scores.lead_id,
    lead_scores.as_of_date,
    explained.engagement_points as explained_engagement_points,
    lead_scores.engagement_points,
    explained.fit_points as explained_fit_points,
    lead_scores.fit_points
from explained
full outer join lead_scores
    on explained.lead_key = lead_scores.lead_key
where
    lead_scores.lead_key is null
    or abs(coalesce(explained.engagement_points, 0) - lead_scores.engagement_points)
    > 1e-6
    or abs(coalesce(explained.fit_points, 0) - lead_scores.fit_points) > 1e-6
