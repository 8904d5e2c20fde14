with

contact_facts as (
    select * from {{ ref('int_contact_facts') }}
),

contact_attributes as (
    select * from {{ ref('stg_landing__contact_attributes') }}
),

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

email_domains as (
    select * from {{ ref('email_domains') }}
),

-- Attributes are joined to leads first and to the scoring dates afterwards.
united as (
    select
        known_identifiers.lead_key,
        contact_facts.contact_id,
        contact_facts.attribute,
        contact_facts.value,
        -- As for events: one test contact makes the whole lead a test.
        contact_facts.attribute = 'is_test'
        and contact_facts.value = 'true' as is_decisive,
        contact_facts.updated_at,
        contact_facts.loaded_at
    from contact_facts
    inner join known_identifiers
        on
            {{ hash_id(["'contact_id'", 'contact_facts.contact_id']) }}
            = known_identifiers.identifier_id
            and contact_facts.as_of_date = known_identifiers.as_of_date
    union all
    select
        known_identifiers.lead_key,
        contact_attributes.contact_id,
        contact_attributes.attribute,
        contact_attributes.value,
        false as is_decisive,
        contact_attributes.updated_at,
        contact_attributes.loaded_at
    from contact_attributes
    inner join known_identifiers
        on
            {{ hash_id(["'contact_id'", 'contact_attributes.contact_id']) }}
            = known_identifiers.identifier_id
            and {{ local_date('contact_attributes.updated_at') }}
            <= known_identifiers.as_of_date
),

placed as (
    select
        lead_key,
        attribute,
        value,
        row_number() over (
            partition by lead_key, attribute
            order by
                is_decisive desc,
                updated_at desc, loaded_at desc, contact_id asc, value asc nulls last
        ) as place
    from united
),

addresses as (
    select
        known_identifiers.lead_key,
        known_identifiers.email_domain,
        coalesce(email_domains.kind, 'company') as email_domain_kind
    from known_identifiers
    left join email_domains
        on known_identifiers.email_domain = {{ lowered('email_domains.email_domain') }}
    where
        not known_identifiers.is_contact
        and known_identifiers.email_domain is not null
),

newest as (
    select
        lead_key,
        attribute,
        value
    from placed
    where place = 1 and value is not null
    union all
    select
        lead_key,
        'email_domain' as attribute,
        email_domain as value
    from addresses
    union all
    select
        lead_key,
        'email_domain_kind' as attribute,
        email_domain_kind as value
    from addresses
),

listed as (
    select
        newest.lead_key,
        newest.attribute,
        newest.value
    from newest
    inner join leads
        on newest.lead_key = leads.lead_key
    where leads.is_listed
)

select * from listed
