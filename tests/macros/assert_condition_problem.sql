-- The result names what is wrong with a condition, and is null for a sound one.
-- Fails when a typing error in a rule file would be scored as if it were meant.
with

cases as (
    select cases.*
    from (
        values
        (null, null, null, null),
        ('channel', 'equals', 'email', null),
        ('amount', 'at_least', '12.50', null),
        ('channel', 'is_set', null, null),
        ('channel', 'in', 'home, garden|toys', null),
        ('page_url', 'contains', '/garden;a,b', null),
        (null, 'equals', 'email', 'nothing to compare'),
        (null, null, '/garden', 'nothing to compare'),
        ('channel', 'is_set', 'email', '`is_set` takes no operand'),
        ('channel', 'not_in', 'email, push', 'write the list `email, push` as a|b|c'),
        ('country', 'in', 'DE;AT;CH', 'write the list `DE;AT;CH` as a|b|c'),
        ('channel', null, 'email', 'no operator'),
        ('channel', 'eqals', 'email', 'unknown operator `eqals`'),
        ('channel', 'equals', null, '`equals` needs an operand'),
        ('amount', 'more_than', 'ten', 'operand `ten` is not a number')
    ) as cases (subject, operator, operand, expected)
),

computed as (
    select
        *,
        {{ condition_problem('subject', 'operator', 'operand') }} as given
    from cases
)

select *
from computed
where
    (given is null) != (expected is null)
    or not contains(given, expected)
