-- The loss to decay alone: both scores use the same hits. Threshold and inactivity
-- rules, which do not decay, are left out of both.
with

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

lead_rule_days as (
    select * from {{ ref('int_lead_rule_days') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

score_scales as (
    select * from {{ ref('score_scales') }}
),

silent as (
    select
        lead_key,
        as_of_date,
        last_activity_date
    from segmentable_leads
    where
        not is_disqualified
        and days_inactive > 0
        and days_inactive <= {{ setting_number('at_risk_max_days') }}
),

earned as (
    select
        silent.lead_key,
        engagement_rules.rule_group,
        max(engagement_rules.group_max_points) as group_max_points,
        sum(
            engagement_rules.points
            * lead_rule_days.counted_hits
            * {{ decay_factor(
                days_between(
                    'lead_rule_days.event_date', 'silent.last_activity_date'
                ),
                'engagement_rules.decay',
                'engagement_rules.decay_days',
                'engagement_rules.decay_rate',
            ) }}
        ) as points_then,
        sum(
            engagement_rules.points
            * lead_rule_days.counted_hits
            * {{ decay_factor(
                days_between('lead_rule_days.event_date', 'silent.as_of_date'),
                'engagement_rules.decay',
                'engagement_rules.decay_days',
                'engagement_rules.decay_rate',
            ) }}
        ) as points_now
    from silent
    inner join lead_rule_days
        on
            silent.lead_key = lead_rule_days.lead_key
            and silent.last_activity_date >= lead_rule_days.event_date
    inner join engagement_rules
        on
            lead_rule_days.rule_key = engagement_rules.rule_key
            and engagement_rules.mode = 'each'
    group by silent.lead_key, engagement_rules.rule_group
),

limited as (
    select
        lead_key,
        sum(least(points_then, coalesce(group_max_points, points_then))) as points_then,
        sum(least(points_now, coalesce(group_max_points, points_now))) as points_now
    from earned
    group by lead_key
),

scaled as (
    select
        limited.lead_key,
        {{ rounded(scaled_score(
            'limited.points_then',
            'score_scales.scaling',
            'score_scales.half_saturation_points',
            'score_scales.max_points',
        ), 6) }} as score_then,
        {{ rounded(scaled_score(
            'limited.points_now',
            'score_scales.scaling',
            'score_scales.half_saturation_points',
            'score_scales.max_points',
        ), 6) }} as score_now
    from limited
    inner join score_scales
        on score_scales.score = 'engagement'
)

select * from scaled
