-- A number on an event is found by its name, an amount in the shop's currency. Fails
-- when a name reads another column.
with

events as (
    select
        cast(2.5 as double) as quantity,
        cast(-39.9 as double) as amount,
        cast(19.95 as double) as shop_amount,
        cast(1200.5 as double) as dwell_seconds
),

cases as (
    select cases.*
    from (
        values
        ('quantity', 2.5),
        ('amount', 19.95),
        ('dwell_seconds', 1200.5),
        ('page_url', null),
        (null, null)
    ) as cases (property, expected)
),

computed as (
    select
        cases.property,
        cases.expected,
        {{ event_number('cases.property') }} as given
    from cases
    cross join events
)

select *
from computed
where given is distinct from expected
