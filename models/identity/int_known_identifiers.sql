with

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

contact_versions as (
    select * from {{ ref('int_contact_versions') }}
),

identifiers_seen as (
    select * from {{ ref('int_identifiers_seen') }}
),

scored_buckets as (
    select * from {{ ref('int_scored_buckets') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
),

contact_ids as (
    select
        {{ hash_id(["'contact_id'", 'contact_id']) }} as identifier_id,
        identity_key,
        lead_id,
        email_domain,
        sample_bucket,
        is_test,
        true as is_contact,
        is_today,
        as_of_date
    from contacts_known
),

-- One row for all contacts that share the email: the oldest names the lead.
emails as (
    select
        {{ hash_id(["'email'", 'email']) }} as identifier_id,
        identity_key,
        lead_id,
        email_domain,
        sample_bucket,
        is_test,
        true as is_contact,
        is_today,
        as_of_date
    from contacts_known
    where email is not null and is_oldest
),

-- An identifier of a contact outside the sample must not become a lead of its own.
contact_spells as (
    select
        {{ hash_id(["'contact_id'", 'contact_id']) }} as identifier_id,
        valid_from_date,
        valid_to_date
    from contact_versions
    union all
    select
        {{ hash_id(["'email'", 'email']) }} as identifier_id,
        valid_from_date,
        valid_to_date
    from contact_versions
    where email is not null
),

strangers as (
    select
        identifiers_seen.identifier_id,
        identifiers_seen.identifier_id as identity_key,
        identifiers_seen.identifier_name as lead_id,
        identifiers_seen.email_domain,
        identifiers_seen.bucket as sample_bucket,
        false as is_test,
        false as is_contact,
        scoring_dates.is_today,
        scoring_dates.as_of_date
    from identifiers_seen
    inner join scored_buckets
        on identifiers_seen.identifier_id = scored_buckets.identifier_id
    inner join scoring_dates
        on
            identifiers_seen.first_seen_date <= scoring_dates.as_of_date
            and scored_buckets.bucket < scoring_dates.scored_percent
    left join contact_spells
        on
            identifiers_seen.identifier_id = contact_spells.identifier_id
            and scoring_dates.as_of_date >= contact_spells.valid_from_date
            and scoring_dates.as_of_date < contact_spells.valid_to_date
    where
        identifiers_seen.identifier_type in ('contact_id', 'email')
        and contact_spells.identifier_id is null
),

united as (
    select * from contact_ids
    union all
    select * from emails
    union all
    select * from strangers
),

keyed as (
    select
        identifier_id,
        identity_key,
        {{ dated_lead_key('identity_key', 'is_today', 'as_of_date') }} as lead_key,
        lead_id,
        email_domain,
        sample_bucket,
        is_test,
        is_contact,
        as_of_date
    from united
)

select * from keyed
