with

lead_rule_days as (
    select * from {{ ref('int_lead_rule_days') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

summed as (
    select
        lead_rule_days.lead_key,
        lead_rule_days.rule_key,
        cast(sum(lead_rule_days.hits) as bigint) as hits,
        cast(sum(lead_rule_days.window_hits) as bigint) as window_hits,
        cast(sum(lead_rule_days.kept_hits) as bigint) as kept_hits,
        cast(sum(lead_rule_days.counted_hits) as bigint) as counted_hits,
        sum(
            lead_rule_days.counted_hits
            * {{ decay_factor(
                days_between('lead_rule_days.event_date', 'lead_rule_days.as_of_date'),
                'engagement_rules.decay',
                'engagement_rules.decay_days',
                'engagement_rules.decay_rate',
            ) }}
        ) as decayed_hits
    from lead_rule_days
    inner join engagement_rules
        on lead_rule_days.rule_key = engagement_rules.rule_key
    group by lead_rule_days.lead_key, lead_rule_days.rule_key
),

worth as (
    select
        summed.lead_key,
        summed.rule_key,
        summed.hits,
        summed.counted_hits,
        {{ hits_worth('summed.hits', 'summed.window_hits') }} as raw_points,
        {{ hits_worth('summed.kept_hits', 'summed.kept_hits') }} as kept_points,
        {{ hits_worth('summed.counted_hits', 'summed.counted_hits') }} as capped_points,
        {{ hits_worth('summed.decayed_hits', 'summed.counted_hits') }} as points
    from summed
    inner join engagement_rules
        on summed.rule_key = engagement_rules.rule_key
),

lost as (
    select
        lead_key,
        rule_key,
        hits,
        counted_hits,
        {{ rounded('raw_points', 9) }} as raw_points,
        {{ rounded('raw_points - kept_points', 9) }} as reset_loss,
        {{ rounded('kept_points - capped_points', 9) }} as cap_loss,
        {{ rounded('capped_points - points', 9) }} as decay_loss,
        {{ rounded('points', 9) }} as points
    from worth
)

select * from lost
