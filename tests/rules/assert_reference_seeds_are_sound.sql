-- Names, domains, rates and patterns can be looked up without doubt; fails by naming
-- the row.
with

event_types as (
    select * from {{ ref('event_types') }}
),

event_names as (
    select * from {{ ref('event_names') }}
),

email_domains as (
    select * from {{ ref('email_domains') }}
),

exchange_rates as (
    select * from {{ ref('exchange_rates') }}
),

settings as (
    select * from {{ ref('settings') }}
),

problems as (
    select
        concat('event_types.csv, `', event_type, '`: ') as place,
        case
            when count(*) over (partition by event_type) > 1 then 'has two rows'
            when is_activity is null or is_conversion is null
                then 'is_activity and is_conversion must be true or false'
        end as problem
    from event_types
    union all
    select
        concat('event_names.csv, `', event_name, '` of `', source, '`: ') as place,
        case
            when source is null then 'source is blank: `*` stands for any source'
            when count(*) over (partition by source, {{ lowered('event_name') }}) > 1
                then 'is mapped twice'
            when
                event_type is null
                or event_type not in (select event_types.event_type from event_types)
                then concat('unknown event_type `', coalesce(event_type, ''), '`')
        end as problem
    from event_names
    union all
    select
        concat('email_domains.csv, `', email_domain, '`: ') as place,
        case
            when count(*) over (partition by {{ lowered('email_domain') }}) > 1
                then 'has two rows'
            when email_domain like '%@%'
                then 'is a domain: leave out the @ and what stands before it'
            when kind is null or kind not in ('personal', 'competitor', 'staff')
                then 'kind must be personal, competitor or staff'
        end as problem
    from email_domains
    union all
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
