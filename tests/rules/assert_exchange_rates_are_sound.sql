-- Every amount can be converted to the shop's currency; fails by naming the row, before
-- events are read.
with

exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

settings as (
    select * from {{ ref('settings') }}
),

problems as (
    select
        concat('exchange_rates.csv, `', currency, '`: ') as place,
        case
            when count(*) over (partition by upper(currency)) > 1
                then 'has two rows'
            when rate is null or rate <= 0 then 'rate must be above 0'
        end as problem
    from exchange_rates
    union all
    select
        concat('exchange_rates.csv, `', upper(value), '`: ') as place,
        'is the shop''s currency (settings.csv): add a row with its rate' as problem
    from settings
    where
        setting = 'currency'
        and upper(value) not in (
            select upper(exchange_rates.currency) from exchange_rates
        )
)

select concat(place, problem) as message
from problems
where problem is not null
