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

-- A rule may have several rows, one for each time its worth was changed: the last one
-- that has a description gives it. One without any goes by its rule_id.
united as (
    select
        'engagement' as score,
        rule_id,
        description,
        valid_from
    from engagement_rules
    union all
    select
        'engagement' as score,
        rule_id,
        description,
        valid_from
    from inactivity_rules
    union all
    select
        'fit' as score,
        rule_id,
        description,
        cast(null as date) as valid_from
    from fit_rules
),

described as (
    select
        score,
        rule_id,
        coalesce(max_by(description, case
            when description is not null
                then coalesce(valid_from, cast('1900-01-01' as date))
        end), rule_id) as description
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
