-- Only who is beyond the limit of a group has rows here: hardly anybody.
with

lead_engagement_points as {{ inlined() }} (
    select * from {{ ref('int_lead_engagement_points') }}
),

exceeding as (
    select
        lead_key,
        rule_group,
        sum(points) - max(group_max_points) as excess_points,
        sum(greatest(points, 0)) as positive_points
    from lead_engagement_points
    where group_max_points is not null
    group by lead_key, rule_group
    having sum(points) > max(group_max_points)
),

shared as (
    select
        lead_engagement_points.lead_key,
        lead_engagement_points.rule_key,
        lead_engagement_points.points,
        {{ rounded(
            "coalesce(exceeding.excess_points
                * greatest(lead_engagement_points.points, 0)
                / nullif(exceeding.positive_points, 0), 0)", 9
        ) }} as group_loss
    from lead_engagement_points
    inner join exceeding
        on
            lead_engagement_points.lead_key = exceeding.lead_key
            and lead_engagement_points.rule_group = exceeding.rule_group
),

left_over as (
    select
        lead_key,
        rule_key,
        group_loss,
        {{ rounded('points - group_loss', 9) }} as points
    from shared
)

select * from left_over
