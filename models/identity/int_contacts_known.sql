-- A contact has many versions, and many dates are scored: the grain is contact x date.
with

contact_versions as (
    select * from {{ ref('int_contact_versions') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
),

-- Few contacts ever share an email; only these need sorting.
shared as (
    select
        contact_versions.contact_id,
        contact_versions.valid_from_date,
        first_value(contact_versions.contact_id) over person as oldest_contact_id,
        first_value(contact_versions.bucket) over person as sample_bucket,
        min(contact_versions.scored_bucket) over (
            partition by scoring_dates.as_of_date, contact_versions.email
        ) as scored_bucket,
        scoring_dates.scored_percent,
        scoring_dates.is_today,
        scoring_dates.as_of_date
    from contact_versions
    inner join scoring_dates
        on
            contact_versions.valid_from_date <= scoring_dates.as_of_date
            and contact_versions.valid_to_date > scoring_dates.as_of_date
    where contact_versions.has_shared_email
    window person as (
        partition by scoring_dates.as_of_date, contact_versions.email
        order by contact_versions.created_at nulls last, contact_versions.contact_id
    )
),

sampled as (
    select
        contact_versions.contact_id,
        contact_versions.valid_from_date,
        contact_versions.contact_id as oldest_contact_id,
        contact_versions.bucket as sample_bucket,
        scoring_dates.is_today,
        scoring_dates.as_of_date
    from contact_versions
    inner join scoring_dates
        on
            contact_versions.valid_from_date <= scoring_dates.as_of_date
            and contact_versions.valid_to_date > scoring_dates.as_of_date
            and contact_versions.scored_bucket < scoring_dates.scored_percent
    where not contact_versions.has_shared_email
    union all
    select
        contact_id,
        valid_from_date,
        oldest_contact_id,
        sample_bucket,
        is_today,
        as_of_date
    from shared
    where scored_bucket < scored_percent
),

named as (
    select
        sampled.contact_id,
        contact_versions.email,
        split_part(contact_versions.email, '@', -1) as email_domain,
        contact_versions.phone,
        contact_versions.first_name,
        contact_versions.last_name,
        contact_versions.gender,
        contact_versions.country,
        contact_versions.region,
        contact_versions.city,
        contact_versions.postal_code,
        contact_versions.language,
        contact_versions.company,
        contact_versions.job_title,
        contact_versions.industry,
        {{ lead_name("'contact_id'", 'sampled.oldest_contact_id') }} as lead_id,
        {{ hash_id(["'contact_id'", 'sampled.oldest_contact_id']) }} as identity_key,
        {{ dated_lead_key(
            hash_id(["'contact_id'", 'sampled.oldest_contact_id']),
            'sampled.is_today',
            'sampled.as_of_date',
        ) }} as lead_key,
        sampled.sample_bucket,
        contact_versions.is_test,
        sampled.contact_id = sampled.oldest_contact_id as is_oldest,
        sampled.is_today,
        sampled.as_of_date,
        contact_versions.birth_date,
        contact_versions.created_at,
        contact_versions.updated_at,
        contact_versions.loaded_at
    from sampled
    inner join contact_versions
        on
            sampled.contact_id = contact_versions.contact_id
            and sampled.valid_from_date = contact_versions.valid_from_date
)

select * from named
