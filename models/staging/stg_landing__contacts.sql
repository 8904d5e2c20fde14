with

contacts as (
    select * from {{ source('landing', 'contacts') }}
),

cleaned as (
    select
        nullif(trim(contact_id), '') as contact_id,
        case when email like '%@%' then trim(lower(email)) end as email,
        nullif(trim(phone), '') as phone,
        nullif(trim(first_name), '') as first_name,
        nullif(trim(last_name), '') as last_name,
        nullif(trim(gender), '') as gender,
        nullif(trim(country), '') as country,
        nullif(trim(region), '') as region,
        nullif(trim(city), '') as city,
        nullif(trim(postal_code), '') as postal_code,
        nullif(trim(language), '') as language,
        nullif(trim(company), '') as company,
        nullif(trim(job_title), '') as job_title,
        nullif(trim(industry), '') as industry,
        coalesce(is_test, false) as is_test,
        birth_date,
        created_at,
        coalesce(updated_at, created_at, timestamp '1970-01-01 00:00:00') as updated_at,
        loaded_at
    from contacts
    where nullif(trim(contact_id), '') is not null
)

select * from cleaned
