-- A rule may change its worth over time, but has one worth on any day; fails by naming
-- the rule that is valid twice.
with

engagement_rules as (
    select * from {{ ref('engagement_rules') }}
),

spans as (
    select
        rule_id,
        coalesce(valid_from, cast('1900-01-01' as date)) as starts_on,
        coalesce(valid_to, cast('9999-12-31' as date)) as ends_before
    from engagement_rules
),

followed as (
    select
        rule_id,
        ends_before,
        lead(starts_on) over (
            partition by rule_id
            order by starts_on, ends_before
        ) as next_starts_on
    from spans
)

select
    concat(
        'engagement_rules.csv, rule `', rule_id, '`: two rows are valid from ',
        cast(next_starts_on as string), ': end the first one there with valid_to'
    ) as message
from followed
where next_starts_on < ends_before
