-- A condition holds or does not, whatever stands in it. Fails on case or spaces that
-- count, on a null that gets through, on text compared as a number or the reverse.
with

cases as (
    select cases.*
    from (
        values
        ('Red', 'equals', ' RED ', true),
        ('İSKELE SOKAĞI', 'equals', 'iskele sokaği', true),
        ('ΟΔΟΣ', 'equals', 'οδοσ', true),
        ('{{ "\u00a0red\u00a0" }}', 'equals', 'red', true),
        ('red', 'equals', 'reddish', false),
        ('10', 'equals', '10.0', false),
        ('red', 'not_equals', 'blue', true),
        (' Red', 'not_equals', 'red', false),
        ('FR', 'in', 'de|fr', true),
        ('fr', 'in', ' DE | FR ', true),
        ('fr', 'in', 'de  |  fr', true),
        ('f', 'in', 'de|fr', false),
        ('de|fr', 'in', 'de', false),
        ('it', 'not_in', 'de|fr', true),
        ('FR ', 'not_in', 'de|fr', false),
        ('/shop/Careers/2', 'contains', '/careers', true),
        ('/shop', 'contains', '/careers', false),
        ('100%', 'contains', '%', true),
        ('100', 'contains', '%', false),
        ('/shop', 'not_contains', '/careers', true),
        ('/careers', 'not_contains', '/CAREERS', false),
        ('Head of Sales', 'starts_with', 'head', true),
        ('Ahead', 'starts_with', 'head', false),
        ('a', 'starts_with', 'ab', false),
        ('x@Uni.example', 'ends_with', 'uni.EXAMPLE', true),
        ('uni.example.org', 'ends_with', 'uni.example', false),
        ('10', 'at_least', '9', true),
        ('9', 'at_least', '9.0', true),
        ('8.99', 'at_least', '9', false),
        ('1e3', 'at_least', '999', true),
        ('9', 'more_than', '9', false),
        ('9.01', 'more_than', '9', true),
        ('-1', 'at_most', '0', true),
        ('9', 'at_most', '9', true),
        ('9.01', 'at_most', '9', false),
        ('9', 'less_than', '9', false),
        (' 8 ', 'less_than', ' 10 ', true),
        ('ten', 'at_least', '1', false),
        ('ten', 'less_than', '1', false),
        ('5 eur', 'at_least', '1', false),
        ('5', 'at_least', 'one', false),
        ('1_000', 'at_least', '1', false),
        ('5D', 'at_least', '1', false),
        ('nan', 'at_least', '1', false),
        ('infinity', 'at_least', '1', false),
        ('5', 'at_least', null, false),
        ('x', 'is_set', null, true),
        ('  ', 'is_set', null, false),
        (null, 'is_set', null, false),
        ('x', 'is_not_set', null, false),
        ('  ', 'is_not_set', null, true),
        (null, 'is_not_set', null, true),
        (null, 'equals', 'red', false),
        ('', 'equals', '', false),
        (null, 'not_equals', 'red', false),
        (' ', 'not_equals', 'red', false),
        (null, 'in', 'red', false),
        ('', 'in', 'red||blue', false),
        (null, 'not_in', 'red', false),
        (' ', 'not_in', 'red', false),
        (null, 'contains', 'red', false),
        (null, 'not_contains', 'red', false),
        (' ', 'not_contains', 'red', false),
        (null, 'starts_with', 'red', false),
        (null, 'ends_with', 'red', false),
        (null, 'at_least', '0', false),
        (null, 'more_than', '0', false),
        (null, 'at_most', '0', false),
        ('', 'less_than', '1', false),
        ('red', 'resembles', 'red', false),
        ('red', null, 'red', false)
    ) as cases (value, operator, operand, expected)
),

computed as (
    select
        *,
        {{ meets_condition(
            'value', 'operator', stripped(lowered('operand'))
        ) }} as given
    from cases
)

select *
from computed
where given is distinct from expected
