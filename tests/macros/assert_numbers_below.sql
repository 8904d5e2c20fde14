-- The numbers count from 0 to below the bound. Fails when one is lost or comes
-- twice, or a blank bound counts.
with

computed as (
    select
        'three' as bound,
        numbers.number as given
    from {{ numbers_below('3') }} as numbers
    union all
    select
        'zero' as bound,
        numbers.number as given
    from {{ numbers_below('0') }} as numbers
    union all
    select
        'null' as bound,
        numbers.number as given
    from {{ numbers_below('cast(null as integer)') }} as numbers
),

expected as (
    select
        'three' as bound,
        numbers.number
    from (values (0), (1), (2)) as numbers (number)
)

select
    expected.number as wanted,
    computed.bound,
    computed.given,
    count(*) as numbers_count
from computed
full outer join expected
    on
        computed.bound = expected.bound
        and computed.given = expected.number
group by expected.number, computed.bound, computed.given
having count(*) != 1 or expected.number is null or computed.given is null
