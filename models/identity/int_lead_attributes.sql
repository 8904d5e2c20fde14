with

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

contact_attributes as (
    select * from {{ ref('stg_landing__contact_attributes') }}
),

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

email_domains as (
    select * from {{ ref('email_domains') }}
),

described as (
    select
        contacts_known.contact_id,
        contacts_known.country,
        contacts_known.region,
        contacts_known.city,
        contacts_known.postal_code,
        contacts_known.language,
        contacts_known.company,
        contacts_known.job_title,
        contacts_known.industry,
        contacts_known.gender,
        contacts_known.email_domain,
        case
            when contacts_known.email is not null
                then coalesce(lower(trim(email_domains.kind)), 'company')
        end as email_domain_kind,
        cast(contacts_known.is_test as string) as is_test,
        cast(contacts_known.birth_date as string) as birth_date,
        cast(
            {{ age_in_years('contacts_known.birth_date', as_of_date()) }} as string
        ) as age_years,
        contacts_known.updated_at,
        contacts_known.loaded_at
    from contacts_known
    left join email_domains
        on contacts_known.email_domain = lower(trim(email_domains.email_domain))
),

from_contacts as (
    select contact_id, attribute, value, updated_at, loaded_at
    from described
    unpivot (
        value for attribute in (
            country, region, city, postal_code, language, company, job_title, industry,
            gender, email_domain, email_domain_kind, is_test, birth_date, age_years
        )
    )
),

united as (
    select contact_id, attribute, value, updated_at, loaded_at
    from from_contacts
    union all
    select contact_id, attribute, value, updated_at, loaded_at
    from contact_attributes
    where {{ local_date('updated_at') }} <= {{ as_of_date() }}
),

placed as (
    select
        known_identifiers.lead_key,
        united.attribute,
        united.value,
        row_number() over (
            partition by known_identifiers.lead_key, united.attribute
            order by
                united.updated_at desc,
                united.loaded_at desc,
                united.contact_id,
                united.value nulls last
        ) as place
    from united
    inner join known_identifiers
        on
            {{ hash_id(["'contact_id'", 'united.contact_id']) }}
            = known_identifiers.identifier_id
),

addresses as (
    select
        known_identifiers.lead_key,
        known_identifiers.email_domain,
        coalesce(lower(trim(email_domains.kind)), 'company') as email_domain_kind
    from known_identifiers
    left join email_domains
        on known_identifiers.email_domain = lower(trim(email_domains.email_domain))
    where
        not known_identifiers.is_contact
        and known_identifiers.email_domain is not null
),

newest as (
    select lead_key, attribute, value
    from placed
    where place = 1 and value is not null
    union all
    select lead_key, 'email_domain' as attribute, email_domain as value
    from addresses
    union all
    select lead_key, 'email_domain_kind' as attribute, email_domain_kind as value
    from addresses
)

select * from newest
