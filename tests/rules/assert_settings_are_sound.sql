-- Every setting that the models read has a row of the right kind; fails by naming it.
with

settings as (
    select * from {{ ref('settings') }}
),

problems as (
    select
        setting,
        case
            when count(*) over (partition by setting) > 1 then 'has two rows'
            when setting = 'currency' and nullif(trim(value), '') is null
                then 'must name the currency of the shop'
            when
                setting != 'currency'
                and value is not null
                and try_cast(value as integer) is null
                then concat('`', value, '` is not a whole number')
            when setting = 'inactivity_reset_days' and try_cast(value as integer) < 1
                then 'must be at least 1, or blank'
            when setting != 'inactivity_reset_days' and value is null
                then 'has no value: give one'
        end as problem
    from settings
)

select concat('settings.csv, setting `', setting, '`: ', problem) as message
from problems
where problem is not null
