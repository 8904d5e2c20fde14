-- A withdrawal holds for all identifiers of a person, on past dates too. A person is
-- all contacts with the same newest email. An address belongs to those who have it now;
-- an address that nobody has any more belongs to everybody who had it.
with

contacts as (
    select * from {{ ref('stg_landing__contacts') }}
),

consents as (
    select * from {{ ref('stg_landing__consents') }}
),

identifiers_erased as (
    select * from {{ ref('int_identifiers_erased') }}
),

versions as (
    select
        contact_id,
        email,
        first_value(email) over (
            partition by contact_id
            order by updated_at desc, loaded_at desc, {{ nulls_last(['email']) }}
        ) as newest_email
    from contacts
),

named as (
    select distinct
        contact_id,
        email,
        newest_email,
        case
            when newest_email is null then {{ hash_id(["'contact_id'", 'contact_id']) }}
            else {{ hash_id(["'email'", 'newest_email']) }}
        end as person_key
    from versions
),

present_emails as (
    select newest_email as email
    from named
    where newest_email is not null
),

of_contacts as (
    select
        person_key,
        {{ hash_id(["'contact_id'", 'contact_id']) }} as identifier_id,
        'contact_id' as identifier_type,
        {{ lead_name("'contact_id'", 'contact_id') }} as lead_id
    from named
    union
    select
        person_key,
        {{ hash_id(["'email'", 'email']) }} as identifier_id,
        'email' as identifier_type,
        {{ lead_name("'email'", 'email') }} as lead_id
    from named
    where
        email is not null
        and (
            email = newest_email
            or email not in (select present_emails.email from present_emails)
        )
),

-- A person without a contact has one identifier.
strangers as (
    select
        identifier_id,
        identifier_type,
        lead_id
    from identifiers_erased
    union
    select
        {{ hash_id(["'contact_id'", 'contact_id']) }} as identifier_id,
        'contact_id' as identifier_type,
        {{ lead_name("'contact_id'", 'contact_id') }} as lead_id
    from consents
    where purpose = 'profiling'
),

united as (
    select
        person_key,
        identifier_id,
        identifier_type,
        lead_id
    from of_contacts
    union all
    select
        identifier_id as person_key,
        identifier_id,
        identifier_type,
        lead_id
    from strangers
    where identifier_id not in (select of_contacts.identifier_id from of_contacts)
)

select * from united
