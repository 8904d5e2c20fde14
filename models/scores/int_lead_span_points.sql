-- A rule whose points were changed has a row for each time span; the spans are summed.
-- Most rules have a single span and no row here.
with

lead_engagement_points as (
    select * from {{ ref('int_lead_engagement_points') }}
),

lead_group_losses as (
    select * from {{ ref('int_lead_group_losses') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

summed as (
    select
        lead_engagement_points.lead_key,
        engagement_rules.rule_id,
        sum(lead_engagement_points.hits) as hits,
        sum(lead_engagement_points.counted_hits) as counted_hits,
        sum(lead_engagement_points.raw_points) as raw_points,
        sum(lead_engagement_points.cap_loss) as cap_loss,
        sum(lead_engagement_points.reset_loss) as reset_loss,
        sum(lead_engagement_points.decay_loss) as decay_loss,
        sum(coalesce(lead_group_losses.group_loss, 0)) as group_loss,
        sum(coalesce(lead_group_losses.points, lead_engagement_points.points))
            as points
    from lead_engagement_points
    inner join engagement_rules
        on
            lead_engagement_points.rule_key = engagement_rules.rule_key
            and engagement_rules.spans_count > 1
    left join lead_group_losses
        on
            lead_engagement_points.lead_key = lead_group_losses.lead_key
            and lead_engagement_points.rule_key = lead_group_losses.rule_key
    group by lead_engagement_points.lead_key, engagement_rules.rule_id
),

whole as (
    select
        lead_key,
        rule_id,
        cast(hits as bigint) as hits,
        cast(counted_hits as bigint) as counted_hits,
        {{ rounded('raw_points', 9) }} as raw_points,
        {{ rounded('cap_loss', 9) }} as cap_loss,
        {{ rounded('reset_loss', 9) }} as reset_loss,
        {{ rounded('decay_loss', 9) }} as decay_loss,
        {{ rounded('group_loss', 9) }} as group_loss,
        {{ rounded('points', 9) }} as points
    from summed
)

select * from whole
