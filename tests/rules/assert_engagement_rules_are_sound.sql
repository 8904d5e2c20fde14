-- Every row of engagement_rules.csv can be scored; fails by naming the row, its column
-- and what to do.
with

engagement_rules as (
    select * from {{ ref('engagement_rules') }}
),

event_types as (
    select * from {{ ref('event_types') }}
),

rule_groups as (
    select * from {{ ref('rule_groups') }}
),

problems as (
    select
        rule_id,
        'rule_id is blank: give every rule a name' as problem
    from engagement_rules
    where rule_id is null
    union all
    select
        rule_id,
        concat(
            'unknown event_type `', event_type, '`: add it to event_types.csv'
        ) as problem
    from engagement_rules
    where event_type not in (select event_types.event_type from event_types)
    union all
    select
        rule_id,
        {{ condition_problem('property', 'operator', 'operand') }} as problem
    from engagement_rules
    union all
    select
        rule_id,
        {{ property_problem('property', 'operator') }} as problem
    from engagement_rules
    union all
    select
        rule_id,
        case
            when event_type is null then 'event_type is blank'
            when mode is null or mode not in ('each', 'threshold')
                then 'mode must be each or threshold'
            when points is null or abs(points) > 1000
                then 'points must be a number from -1000 to 1000'
            when max_hits_per_day < 1 or max_hits < 1
                then 'max_hits_per_day and max_hits must be at least 1, or blank'
            when mode = 'threshold' and coalesce(min_hits, 1) > max_hits
                then 'min_hits is greater than max_hits'
            when mode = 'threshold' and coalesce(min_hits, 1) < 1
                then 'min_hits must be at least 1'
            when window_days < 1 then 'window_days must be at least 1, or blank'
            when
                mode = 'threshold'
                and cast(max_hits_per_day as bigint) * window_days < min_hits
                then 'max_hits_per_day on each of window_days never make min_hits'
            when mode = 'each' and coalesce(min_hits, window_days) is not null
                then 'min_hits and window_days belong to mode threshold'
            when mode = 'threshold' and coalesce(decay, 'none') != 'none'
                then 'a threshold does not decay, its window does that: clear decay'
            when decay not in ('none', 'half_life', 'linear', 'expire', 'step')
                then concat('unknown decay `', decay, '`')
            when
                mode = 'each'
                and coalesce(decay, 'none') = 'none'
                and coalesce(decay_days, decay_rate) is not null
                then 'decay_days and decay_rate need a decay: give one, or clear them'
            when
                decay in ('half_life', 'linear', 'expire', 'step')
                and (decay_days is null or decay_days <= 0)
                then concat('decay `', decay, '` needs decay_days above 0')
            when
                decay = 'step'
                and (decay_rate is null or decay_rate <= 0 or decay_rate > 1)
                then 'decay `step` needs a decay_rate above 0 and at most 1'
            when
                rule_group is not null
                and rule_group not in (select rule_groups.rule_group from rule_groups)
                then concat('unknown rule_group `', rule_group, '`')
            when valid_to <= valid_from then 'valid_to must be after valid_from'
        end as problem
    from engagement_rules
)

select
    concat('engagement_rules.csv, rule `', coalesce(rule_id, ''), '`: ', problem)
        as message
from problems
where problem is not null
union all
select 'engagement_rules.csv: there is no rule, so nobody scores: add one' as message
from engagement_rules
having count(*) = 0
