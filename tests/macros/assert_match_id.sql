-- Two rules that look for the same thing share a match. Fails when a blank makes a
-- match of its own, so that events are read again for nothing, or when two conditions
-- share one.
with

cases as (
    select cases.*
    from (
        values
        (null, null, null, null, null, null, true),
        (null, null, null, '', '', '', true),
        ('page_url', 'contains', '/sale', 'page_url', 'contains', '/Sale', false),
        ('page_url', 'contains', '/sale', 'page_url', 'equals', '/sale', false),
        ('page_url', 'contains', '/sale', 'channel', 'contains', '/sale', false),
        ('page_url', 'is_set', null, null, null, null, false)
    ) as cases (
        property, operator, operand,
        other_property, other_operator, other_operand,
        expected
    )
),

computed as (
    select
        *,
        {{ match_id("'page_viewed'", 'property', 'operator', 'operand') }}
        = {{ match_id(
            "'page_viewed'", 'other_property', 'other_operator', 'other_operand'
        ) }} as given,
        {{ match_id("'page_viewed'", 'property', 'operator', 'operand') }}
        = {{ match_id("'search'", 'property', 'operator', 'operand') }}
            as is_shared_by_types
    from cases
)

select *
from computed
where given is distinct from expected or is_shared_by_types
