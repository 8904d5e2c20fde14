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

-- A rule has several rows if its points were changed: the description comes from the
-- last row that has one, otherwise the rule_id is used.
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

-- Later models sort by this number: faster and smaller than two strings.
numbered as (
    select
        row_number() over (order by score, rule_id) as rule_number,
        score,
        rule_id,
        description
    from described
)

select * from numbered
