-- A term is 1 when its condition holds, a logarithm or a ramp; what is not known counts
-- as 0, and 0 adds nothing. Fails when a missing value is taken for the limit.
with

cases as (
    select
        cases.kind,
        cast(cases.value as double) as value,
        cases.stage,
        cases.operand,
        cast(cases.min_value as double) as min_value,
        cast(cases.max_value as double) as max_value,
        cast(cases.expected as double) as expected
    from (
        values
        ('constant', null, null, null, null, null, 1),
        ('is', null, 'loyal', 'loyal', null, null, 1),
        ('is', null, 'visitor', 'loyal', null, null, 0),
        ('is', null, null, 'loyal', null, null, 0),
        ('missing', null, null, null, null, null, 1),
        ('missing', 0, null, null, null, null, 0),
        ('log', 0, null, null, null, null, 0),
        ('log', -5, null, null, null, null, 0),
        ('log', null, null, null, null, 9, 0),
        ('log', 99, null, null, null, 0, 0),
        ('log', 0, null, null, null, 9, 0),
        ('ramp', 5, null, null, 2, 10, 3),
        ('ramp', 1, null, null, 2, 10, 0),
        ('ramp', 50, null, null, 2, 10, 8),
        ('ramp', 50, null, null, 2, null, 48),
        ('ramp', 1, null, null, 2, null, 0),
        ('ramp', null, null, null, 2, 10, 0),
        ('ramp', -5, null, null, -10, 0, -5),
        ('ramp', 0, null, null, -10, 0, 0),
        ('ramp', -50, null, null, -10, 5, -10),
        ('ramp', -5, null, null, -10, -2, -3),
        ('ramp', null, null, null, -10, 5, 0)
    ) as cases (kind, value, stage, operand, min_value, max_value, expected)
    union all
    select
        'log' as kind,
        9 as value,
        null as stage,
        null as operand,
        null as min_value,
        4 as max_value,
        ln(5.0) as expected
    union all
    select
        'log' as kind,
        4 as value,
        null as stage,
        null as operand,
        null as min_value,
        9 as max_value,
        ln(5.0) as expected
),

computed as (
    select
        *,
        {{ term_value(
            'kind', 'value', 'stage', 'operand', 'min_value', 'max_value'
        ) }} as given
    from cases
)

select *
from computed
where abs(given - expected) > 1e-12 or given is null
