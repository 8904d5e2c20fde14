-- A property that no event has is named. Fails when a rule on it would silently never
-- match.
with

cases as (
    select cases.*
    from (
        values
        (null, null, null),
        ('page_url', 'contains', null),
        ('properties.plan', 'equals', null),
        ('amount', 'at_least', null),
        ('amount', 'is_set', null),
        ('page', 'contains', 'unknown property `page`'),
        ('Page_Url', 'contains', 'unknown property `Page_Url`'),
        ('properties.', 'equals', 'unknown property `properties.`'),
        ('properties', 'equals', 'unknown property `properties`'),
        ('dwell_seconds', 'equals', '`dwell_seconds` is a number')
    ) as cases (property, operator, expected)
),

computed as (
    select
        *,
        {{ property_problem('property', 'operator') }} as given
    from cases
)

select *
from computed
where
    (given is null) != (expected is null)
    or not contains(given, expected)
