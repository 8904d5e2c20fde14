-- Scores are as of the end of a day: only the last version of each day counts.
with

contacts as (
    select * from {{ ref('stg_landing__contacts') }}
),

scored_buckets as (
    select * from {{ ref('int_scored_buckets') }}
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
        dated.contact_id,
        dated.email,
        dated.phone,
        dated.first_name,
        dated.last_name,
        dated.gender,
        dated.country,
        dated.region,
        dated.city,
        dated.postal_code,
        dated.language,
        dated.company,
        dated.job_title,
        dated.industry,
        dated.bucket,
        least(
            dated.bucket,
            coalesce(by_id.bucket, 100),
            coalesce(by_email.bucket, 100)
        ) as scored_bucket,
        dated.is_test,
        dated.has_shared_email,
        dated.birth_date,
        dated.valid_from_date,
        dated.valid_to_date,
        dated.created_at,
        dated.updated_at,
        dated.loaded_at
    from dated
    left join scored_buckets as by_id
        on {{ hash_id(["'contact_id'", 'dated.contact_id']) }} = by_id.identifier_id
    left join scored_buckets as by_email
        on {{ hash_id(["'email'", 'dated.email']) }} = by_email.identifier_id
    where dated.valid_from_date < dated.valid_to_date
)

select * from lasting
