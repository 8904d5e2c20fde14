-- A rule whose points changed has a row for each time span; the grain is that row.
with

engagement_rules as (
    select * from {{ ref('engagement_rules') }}
),

rule_groups as (
    select * from {{ ref('rule_groups') }}
),

completed as (
    select
        row_number() over (
            order by engagement_rules.rule_id, engagement_rules.valid_from nulls first
        ) as rule_key,
        engagement_rules.rule_id,
        {{ match_id('event_type', 'property', 'operator', 'operand') }} as match_id,
        engagement_rules.mode,
        engagement_rules.decay,
        engagement_rules.rule_group,
        engagement_rules.points,
        engagement_rules.max_hits_per_day,
        engagement_rules.min_hits,
        engagement_rules.max_hits,
        case when engagement_rules.mode = 'each' then engagement_rules.max_hits end
            as max_hits_in_total,
        case
            when engagement_rules.mode = 'threshold' then engagement_rules.window_days
        end as window_days,
        engagement_rules.decay_days,
        engagement_rules.decay_rate,
        rule_groups.max_points as group_max_points,
        coalesce(engagement_rules.valid_from, cast('1900-01-01' as date)) as valid_from,
        coalesce(engagement_rules.valid_to, cast('9999-12-31' as date)) as valid_to,
        count(*) over (partition by engagement_rules.rule_id) as spans_count
    from engagement_rules
    left join rule_groups
        on engagement_rules.rule_group = rule_groups.rule_group
)

select * from completed
