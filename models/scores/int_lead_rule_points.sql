with

lead_engagement_points as (
    select * from {{ ref('int_lead_engagement_points') }}
),

lead_inactivity_points as (
    select * from {{ ref('int_lead_inactivity_points') }}
),

lead_fit_points as (
    select * from {{ ref('int_lead_fit_points') }}
),

group_sums as (
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

limited as (
    select
        lead_engagement_points.lead_key,
        lead_engagement_points.rule_id,
        lead_engagement_points.hits,
        lead_engagement_points.counted_hits,
        lead_engagement_points.raw_points,
        lead_engagement_points.cap_loss,
        lead_engagement_points.reset_loss,
        lead_engagement_points.decay_loss,
        lead_engagement_points.points,
        {{ rounded(
            "coalesce(group_sums.excess_points
                * greatest(lead_engagement_points.points, 0)
                / nullif(group_sums.positive_points, 0), 0)", 9
        ) }} as group_loss
    from lead_engagement_points
    left join group_sums
        on
            lead_engagement_points.lead_key = group_sums.lead_key
            and lead_engagement_points.rule_group = group_sums.rule_group
),

united as (
    select
        lead_key,
        'engagement' as score,
        rule_id,
        hits,
        counted_hits,
        raw_points,
        cap_loss,
        reset_loss,
        decay_loss,
        group_loss,
        {{ rounded('points - group_loss', 9) }} as points
    from limited
    union all
    select
        lead_key,
        'engagement' as score,
        rule_id,
        1 as hits,
        1 as counted_hits,
        points as raw_points,
        0 as cap_loss,
        0 as reset_loss,
        0 as decay_loss,
        0 as group_loss,
        points
    from lead_inactivity_points
    union all
    select
        lead_key,
        'fit' as score,
        rule_id,
        1 as hits,
        1 as counted_hits,
        raw_points,
        0 as cap_loss,
        0 as reset_loss,
        0 as decay_loss,
        group_loss,
        points
    from lead_fit_points
),

-- The rows of one rule, one for each time span of its worth, add up.
summed as (
    select
        lead_key,
        score,
        rule_id,
        cast(sum(hits) as bigint) as hits,
        cast(sum(counted_hits) as bigint) as counted_hits,
        {{ rounded('sum(raw_points)', 9) }} as raw_points,
        {{ rounded('sum(cap_loss)', 9) }} as cap_loss,
        {{ rounded('sum(reset_loss)', 9) }} as reset_loss,
        {{ rounded('sum(decay_loss)', 9) }} as decay_loss,
        {{ rounded('sum(group_loss)', 9) }} as group_loss,
        {{ rounded('sum(points)', 9) }} as points
    from united
    group by lead_key, score, rule_id
)

select * from summed
