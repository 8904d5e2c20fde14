-- A contact has many versions, and many dates are scored: the grain is contact x date.
with

contacts as (
    select * from {{ ref('stg_landing__contacts') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
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
        {{ stable_bucket("'sample:' || contact_id") }} as bucket,
        is_test,
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

named as (
    select
        versions.contact_id,
        versions.email,
        split_part(versions.email, '@', -1) as email_domain,
        versions.phone,
        versions.first_name,
        versions.last_name,
        versions.gender,
        versions.country,
        versions.region,
        versions.city,
        versions.postal_code,
        versions.language,
        versions.company,
        versions.job_title,
        versions.industry,
        first_value(versions.contact_id) over person as lead_id,
        first_value(versions.bucket) over person as sample_bucket,
        versions.is_test,
        scoring_dates.is_today,
        first_value(versions.bucket) over person < scoring_dates.scored_percent
            as is_sampled,
        scoring_dates.as_of_date,
        versions.birth_date,
        versions.created_at,
        versions.updated_at,
        versions.loaded_at
    from versions
    inner join scoring_dates
        on
            versions.valid_from_date <= scoring_dates.as_of_date
            and versions.valid_to_date > scoring_dates.as_of_date
    window person as (
        partition by
            scoring_dates.as_of_date,
            coalesce('email:' || versions.email, 'contact_id:' || versions.contact_id)
        order by versions.created_at nulls last, versions.contact_id
    )
)

select * from named
