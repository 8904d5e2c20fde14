with

exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

normalised as (
    select
        upper(currency) as currency,
        rate
    from exchange_rates
),

shop_currency as (
    select rate
    from normalised
    where currency = upper({{ setting('currency') }})
),

converted as (
    select
        normalised.currency,
        normalised.rate / shop_currency.rate as rate
    from normalised
    cross join shop_currency
)

select * from converted
