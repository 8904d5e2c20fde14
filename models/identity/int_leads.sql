with

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

identifiers_linked as (
    select * from {{ ref('int_identifiers_linked') }}
),

identifiers_seen as (
    select * from {{ ref('int_identifiers_seen') }}
),

email_domains as (
    select * from {{ ref('email_domains') }}
),

identifiers_withdrawn as (
    select * from {{ ref('int_identifiers_withdrawn') }}
),

known as (
    select
        known_identifiers.lead_key,
        known_identifiers.identity_key,
        known_identifiers.lead_id,
        known_identifiers.as_of_date,
        min(known_identifiers.sample_bucket) as sample_bucket,
        true as is_known,
        bool_or(known_identifiers.is_contact) as is_contact,
        coalesce(
            -- The contact's email of that date may belong to another person now.
            min(case
                when
                    identifiers_withdrawn.identifier_type = 'contact_id'
                    or not known_identifiers.is_contact
                    then identifiers_withdrawn.reason
            end),
            case
                when
                    bool_or(known_identifiers.is_test)
                    or bool_or(coalesce(email_domains.kind = 'staff', false))
                    then 'staff_or_test'
            end
        ) as excluded_reason
    from known_identifiers
    left join identifiers_withdrawn
        on known_identifiers.identifier_id = identifiers_withdrawn.identifier_id
    left join email_domains
        on known_identifiers.email_domain = {{ lowered('email_domains.email_domain') }}
    group by
        known_identifiers.lead_key,
        known_identifiers.identity_key,
        known_identifiers.lead_id,
        known_identifiers.as_of_date
),

anonymous as (
    select
        identifiers_linked.lead_key,
        identifiers_linked.identity_key,
        identifiers_seen.identifier_name as lead_id,
        identifiers_linked.as_of_date,
        identifiers_seen.bucket as sample_bucket,
        false as is_known,
        false as is_contact,
        identifiers_withdrawn.reason as excluded_reason
    from identifiers_seen
    inner join identifiers_linked
        on
            identifiers_seen.identifier_id = identifiers_linked.identifier_id
            and identifiers_seen.identifier_id = identifiers_linked.identity_key
    left join identifiers_withdrawn
        on identifiers_seen.identifier_id = identifiers_withdrawn.identifier_id
    where identifiers_seen.identifier_type = 'anonymous_id'
),

united as (
    select * from known
    union all
    select * from anonymous
),

-- Without an accepted event or a contact there is no lead to list.
listed as (
    select
        lead_key,
        identity_key,
        lead_id,
        excluded_reason,
        sample_bucket,
        is_known,
        excluded_reason is null
        or (excluded_reason = 'staff_or_test' and is_contact) as is_listed,
        as_of_date
    from united
)

select * from listed
