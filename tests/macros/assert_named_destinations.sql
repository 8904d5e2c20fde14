-- Each destination that a segment names is one row. Fails when one is lost, among them
-- the last one, or made of blanks and empty places.
with

segments as (
    select
        'several' as segment,
        'meta| google |sales' as destinations
    union all
    select
        'one' as segment,
        'meta' as destinations
    union all
    select
        'gaps' as segment,
        '|meta||' as destinations
    union all
    select
        'blank' as segment,
        '' as destinations
    union all
    select
        'none' as segment,
        cast(null as string) as destinations
),

named as (
    {{ named_destinations('segments') }}
),

expected as (
    select
        'several' as segment,
        'meta' as destination
    union all
    select
        'several' as segment,
        'google' as destination
    union all
    select
        'several' as segment,
        'sales' as destination
    union all
    select
        'one' as segment,
        'meta' as destination
    union all
    select
        'gaps' as segment,
        'meta' as destination
)

select
    coalesce(named.segment, expected.segment) as segment,
    named.destination as found,
    expected.destination as wanted
from named
full outer join expected
    on
        named.segment = expected.segment
        and named.destination = expected.destination
where named.segment is null or expected.segment is null
