with

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

identifiers_seen as (
    select * from {{ ref('int_identifiers_seen') }}
),

contact_ids as (
    select
        {{ hash_id(["'contact_id'", 'contact_id']) }} as identifier_id,
        {{ hash_id(["'contact_id'", 'lead_id']) }} as lead_key,
        lead_id,
        email_domain,
        is_test,
        true as is_contact
    from contacts_known
),

emails as (
    select
        {{ hash_id(["'email'", 'email']) }} as identifier_id,
        {{ hash_id(["'contact_id'", 'lead_id']) }} as lead_key,
        lead_id,
        max(email_domain) as email_domain,
        bool_or(is_test) as is_test,
        true as is_contact
    from contacts_known
    where email is not null
    group by email, lead_id
),

contacts as (
    select * from contact_ids
    union all
    select * from emails
),

strangers as (
    select
        identifier_id,
        identifier_id as lead_key,
        identifier_name as lead_id,
        email_domain,
        false as is_test,
        false as is_contact
    from identifiers_seen
    where
        identifier_type in ('contact_id', 'email')
        and first_seen_date <= {{ as_of_date() }}
        and identifier_id not in (select contacts.identifier_id from contacts)
),

united as (
    select * from contacts
    union all
    select * from strangers
),

known as (
    select
        identifier_id,
        lead_key,
        lead_id,
        email_domain,
        is_test,
        is_contact
    from united
)

select * from known
