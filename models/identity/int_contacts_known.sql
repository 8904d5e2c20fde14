with

contacts as (
    select * from {{ ref('stg_landing__contacts') }}
),

versions as (
    select
        contact_id,
        email,
        phone,
        first_name,
        last_name,
        gender,
        country,
        region,
        city,
        postal_code,
        language,
        company,
        job_title,
        industry,
        is_test,
        birth_date,
        created_at,
        updated_at,
        loaded_at,
        row_number() over (
            partition by contact_id
            order by updated_at desc, loaded_at desc, {{ nulls_last(['email', 'phone',
                'first_name', 'last_name', 'gender', 'country', 'region', 'city',
                'postal_code', 'language', 'company', 'job_title', 'industry',
                'is_test', 'birth_date', 'created_at']) }}
        ) as version_from_newest
    from contacts
    where {{ local_date('updated_at') }} <= {{ as_of_date() }}
),

named as (
    select
        contact_id,
        email,
        split_part(email, '@', -1) as email_domain,
        phone,
        first_name,
        last_name,
        gender,
        country,
        region,
        city,
        postal_code,
        language,
        company,
        job_title,
        industry,
        is_test,
        birth_date,
        created_at,
        updated_at,
        loaded_at,
        first_value(contact_id) over (
            partition by coalesce('email:' || email, 'contact_id:' || contact_id)
            order by created_at nulls last, contact_id
        ) as lead_id
    from versions
    where version_from_newest = 1
)

select * from named
