with

contacts as (
    select * from {{ source('landing', 'contacts') }}
),

cleaned as (
    select
        nullif({{ stripped('contact_id') }}, '') as contact_id,
        case when email like '%@%' then {{ stripped(lowered('email')) }} end as email,
        nullif({{ stripped('phone') }}, '') as phone,
        nullif({{ stripped('first_name') }}, '') as first_name,
        nullif({{ stripped('last_name') }}, '') as last_name,
        nullif({{ stripped('gender') }}, '') as gender,
        nullif({{ stripped('country') }}, '') as country,
        nullif({{ stripped('region') }}, '') as region,
        nullif({{ stripped('city') }}, '') as city,
        nullif({{ stripped('postal_code') }}, '') as postal_code,
        nullif({{ stripped('language') }}, '') as language,
        nullif({{ stripped('company') }}, '') as company,
        nullif({{ stripped('job_title') }}, '') as job_title,
        nullif({{ stripped('industry') }}, '') as industry,
        coalesce(is_test, false) as is_test,
        birth_date,
        created_at,
        coalesce(updated_at, created_at, timestamp '1970-01-01 00:00:00') as updated_at,
        loaded_at
    from contacts
    where nullif({{ stripped('contact_id') }}, '') is not null
)

select * from cleaned
