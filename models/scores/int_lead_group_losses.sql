-- Only the few leads that exceed the limit of a group have rows here.
with

lead_engagement_points as {{ inlined() }} (
    select * from {{ ref('int_lead_engagement_points') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

limited as (
    select
        rule_key,
        rule_group,
        group_max_points
    from engagement_rules
    where group_max_points is not null
),

exceeding as (
    select
        lead_engagement_points.lead_key,
        limited.rule_group,
        sum(lead_engagement_points.points) - max(limited.group_max_points)
            as excess_points,
        sum(greatest(lead_engagement_points.points, 0)) as positive_points
    from lead_engagement_points
    inner join limited
        on lead_engagement_points.rule_key = limited.rule_key
    group by lead_engagement_points.lead_key, limited.rule_group
    having sum(lead_engagement_points.points) > max(limited.group_max_points)
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
    inner join limited
        on lead_engagement_points.rule_key = limited.rule_key
    inner join exceeding
        on
            lead_engagement_points.lead_key = exceeding.lead_key
            and limited.rule_group = exceeding.rule_group
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
