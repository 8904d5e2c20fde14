-- Of the versions of one day only the last was ever known in an evening.
with

contacts as (
    select * from {{ ref('stg_landing__contacts') }}
),

dated as (
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
        {{ sample_bucket('contact_id') }} as bucket,
        is_test,
        coalesce(
            min(contact_id) over (partition by email)
            < max(contact_id) over (partition by email)
            and email is not null,
            false
        ) as has_shared_email,
        birth_date,
        {{ local_date('updated_at') }} as valid_from_date,
        lag({{ local_date('updated_at') }}, 1, cast('9999-12-31' as date)) over (
            partition by contact_id
            order by updated_at desc, loaded_at desc, {{ nulls_last(['email', 'phone',
                'first_name', 'last_name', 'gender', 'country', 'region', 'city',
                'postal_code', 'language', 'company', 'job_title', 'industry',
                'is_test', 'birth_date', 'created_at']) }}
        ) as valid_to_date,
        created_at,
        updated_at,
        loaded_at
    from contacts
),

lasting as (
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
        bucket,
        is_test,
        has_shared_email,
        birth_date,
        valid_from_date,
        valid_to_date,
        created_at,
        updated_at,
        loaded_at
    from dated
    where valid_from_date < valid_to_date
)

select * from lasting
