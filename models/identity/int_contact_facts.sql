{{ config(materialized='view') }}
with

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

email_domains as (
    select * from {{ ref('email_domains') }}
),

described as (
    select
        contacts_known.contact_id,
        contacts_known.as_of_date,
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
                then coalesce(email_domains.kind, 'company')
        end as email_domain_kind,
        cast(contacts_known.is_test as string) as is_test,
        cast(contacts_known.birth_date as string) as birth_date,
        cast(
            {{ age_in_years('contacts_known.birth_date', 'contacts_known.as_of_date') }}
            as string
        ) as age_years,
        contacts_known.updated_at,
        contacts_known.loaded_at
    from contacts_known
    left join email_domains
        on contacts_known.email_domain = {{ lowered('email_domains.email_domain') }}
),

facts as (
    select
        contact_id,
        attribute,
        value,
        as_of_date,
        updated_at,
        loaded_at
    from described
    unpivot (
        value for attribute in (
            country, region, city, postal_code, language, company, job_title, industry,
            gender, email_domain, email_domain_kind, is_test, birth_date, age_years
        )
    )
)

select * from facts
