-- Every row of probability_terms.csv can be applied; fails by naming the row. The file
-- is written by calibrate_rules.py; without rows nothing is calibrated.
with

probability_terms as (
    select * from {{ ref('probability_terms') }}
),

stages as (
    select stage from {{ ref('stages') }}
    union all
    select 'unknown' as stage
),

rules as (
    select
        'points:' || rule_id as feature,
        'engagement' as score
    from {{ ref('engagement_rules') }}
    union
    select
        'points:' || rule_id as feature,
        'engagement' as score
    from {{ ref('inactivity_rules') }}
    union
    select
        'points:' || rule_id as feature,
        'fit' as score
    from {{ ref('fit_rules') }}
),

problems as (
    select
        term_id,
        case
            when count(*) over (partition by term_id) > 1
                then 'term_id is used twice: give each term its own'
            when coefficient is null then 'has no coefficient'
            when
                kind is null
                or kind not in ('constant', 'log', 'ramp', 'is', 'missing')
                then
                    concat(
                        'unknown kind `', coalesce(kind, ''),
                        '`: use constant, log, ramp, is or missing'
                    )
            when kind != 'constant' and feature is null
                then 'feature is blank: only the constant looks at nothing'
            when
                kind = 'is'
                and (feature not in ('stage', 'occasion') or operand is null)
                then 'kind is asks for feature stage or occasion, and for an operand'
            when
                feature = 'stage'
                and operand not in (select stages.stage from stages)
                then concat('`', operand, '` is no stage any more: calibrate again')
            when kind != 'is' and feature in ('stage', 'occasion')
                then 'stage and occasion ask for kind is'
            when
                feature like 'points:%'
                and feature not in (select rules.feature from rules)
                then concat('`', feature, '` is no rule any more: calibrate again')
            when
                feature in (
                    select rules.feature
                    from rules
                    group by rules.feature
                    having count(*) > 1
                )
                then
                    concat(
                        '`', feature, '` is a rule of fit and one of engagement: rename'
                        ' one and calibrate again'
                    )
            when feature like 'points:%' and kind = 'missing'
                then 'points are never missing'
            when
                feature not like 'points:%'
                and feature not in (
                    'constant',
                    'stage',
                    'occasion',
                    'engagement_points',
                    'fit_points',
                    'days_inactive',
                    'days_since_order',
                    'observed_days',
                    'orders_count',
                    'orders_amount',
                    'events_count'
                )
                then concat('unknown feature `', feature, '`')
            when kind = 'ramp' and min_value is null then 'a ramp asks for min_value'
            when max_value <= min_value then 'max_value must be above min_value'
            when horizon_days is null or horizon_days < 1
                then 'horizon_days must be at least 1'
            when
                min(horizon_days) over () != max(horizon_days) over ()
                then 'horizon_days differs between terms: one model has one horizon'
        end as problem
    from probability_terms
)

select concat('probability_terms.csv, term `', term_id, '`: ', problem) as message
from problems
where problem is not null
