with

engagement_rules as (
    select * from {{ ref('engagement_rules') }}
),

inactivity_rules as (
    select * from {{ ref('inactivity_rules') }}
),

fit_rules as (
    select * from {{ ref('fit_rules') }}
),

-- A rule may have several rows, one for each time its worth was changed.
united as (
    select
        'engagement' as score,
        rule_id,
        description
    from engagement_rules
    union all
    select
        'engagement' as score,
        rule_id,
        description
    from inactivity_rules
    union all
    select
        'fit' as score,
        rule_id,
        description
    from fit_rules
),

described as (
    select
        score,
        rule_id,
        max(description) as description
    from united
    group by score, rule_id
),

-- A number sorts faster than two words, and takes less room.
numbered as (
    select
        row_number() over (order by score, rule_id) as rule_number,
        score,
        rule_id,
        description
    from described
)

select * from numbered
