-- Every email domain is of one kind; fails by naming the row.
with

email_domains as (
    select * from {{ ref('email_domains') }}
),

problems as (
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
)

select concat(place, problem) as message
from problems
where problem is not null
