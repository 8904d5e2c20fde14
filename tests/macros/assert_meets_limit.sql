-- Numbers are compared as meets_condition compares them as text. Fails when a limit is
-- on the wrong side, or when a null, nan or infinity gets through.
with

cases as (
    select
        cast(cases.value as double) as value,
        cases.operator,
        cast(cases.number as double) as number,
        cases.expected
    from (
        values
        ('9', 'at_least', '9', true),
        ('8.99', 'at_least', '9', false),
        ('9', 'more_than', '9', false),
        ('9.01', 'more_than', '9', true),
        ('9', 'at_most', '9', true),
        ('9.01', 'at_most', '9', false),
        ('-1', 'less_than', '0', true),
        ('9', 'less_than', '9', false),
        ('5', 'at_least', null, false),
        (null, 'at_most', '5', false),
        ('nan', 'at_least', '1', false),
        ('nan', 'at_most', '1', false),
        ('infinity', 'more_than', '1', false),
        ('-infinity', 'less_than', '1', false),
        ('-infinity', 'at_most', '1', false),
        ('0', 'is_set', null, true),
        (null, 'is_set', null, false),
        ('0', 'is_not_set', null, false),
        (null, 'is_not_set', null, true),
        ('5', 'contains', '5', false),
        ('5', null, '5', false)
    ) as cases (value, operator, number, expected)
),

texts as (
    select
        *,
        cast(value as string) as value_text,
        cast(number as string) as number_text
    from cases
),

computed as (
    select
        *,
        {{ meets_limit('value', 'operator', 'number') }} as given,
        {{ meets_condition('value_text', 'operator', lowered('number_text')) }}
            as given_as_text
    from texts
)

select *
from computed
where
    given is distinct from expected
    or (given is distinct from given_as_text and operator != 'contains')
