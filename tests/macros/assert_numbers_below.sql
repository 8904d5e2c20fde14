-- The numbers count from 0 to below the bound. Fails when a blank bound counts.
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
)

select
    bound,
    count(*) as numbers_count,
    min(given) as first_number,
    max(given) as last_number
from computed
group by bound
having bound != 'three' or count(*) != 3 or min(given) != 0 or max(given) != 2
