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
        loaded_at,
        min(contact_id) over (partition by email)
        < max(contact_id) over (partition by email) as has_shared_email
    from contacts
),

-- Few contacts ever share an email: all others need not be sorted.
shared as (
    select
        versions.contact_id,
        first_value(versions.contact_id) over person as lead_id,
        first_value(versions.bucket) over person as sample_bucket,
        scoring_dates.as_of_date
    from versions
    inner join scoring_dates
        on
            versions.valid_from_date <= scoring_dates.as_of_date
            and versions.valid_to_date > scoring_dates.as_of_date
    where versions.has_shared_email and versions.email is not null
    window person as (
        partition by scoring_dates.as_of_date, versions.email
        order by versions.created_at nulls last, versions.contact_id
    )
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
        coalesce(shared.lead_id, versions.contact_id) as lead_id,
        coalesce(shared.sample_bucket, versions.bucket) as sample_bucket,
        versions.is_test,
        scoring_dates.is_today,
        coalesce(shared.sample_bucket, versions.bucket)
        < scoring_dates.scored_percent as is_sampled,
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
    left join shared
        on
            versions.contact_id = shared.contact_id
            and scoring_dates.as_of_date = shared.as_of_date
)

select * from named
