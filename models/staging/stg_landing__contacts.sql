with

contacts as (
    select * from {{ source('landing', 'contacts') }}
),

cleaned as (
    select
        {{ trimmed('contact_id') }} as contact_id,
        case when email like '%@%' then {{ lowered(trimmed('email')) }} end as email,
        {{ trimmed('phone') }} as phone,
        {{ trimmed('first_name') }} as first_name,
        {{ trimmed('last_name') }} as last_name,
        {{ trimmed('gender') }} as gender,
        {{ trimmed('country') }} as country,
        {{ trimmed('region') }} as region,
        {{ trimmed('city') }} as city,
        {{ trimmed('postal_code') }} as postal_code,
        {{ trimmed('language') }} as language,
        {{ trimmed('company') }} as company,
        {{ trimmed('job_title') }} as job_title,
        {{ trimmed('industry') }} as industry,
        coalesce(is_test, false) as is_test,
        birth_date,
        created_at,
        coalesce(updated_at, created_at, timestamp '1970-01-01 00:00:00') as updated_at,
        loaded_at
    from contacts
    where {{ trimmed('contact_id') }} is not null
)

select * from cleaned
