-- A request that was carried out (scripts/erase_lead.py) holds hashes, not the person:
-- `md5:` and 32 digits. The lead_id of an email lead contains the same hash, so an
-- address that is stored nowhere is recognised, too.
with

erasure_requests as (
    select * from {{ ref('stg_landing__erasure_requests') }}
),

contacts as (
    select * from {{ ref('stg_landing__contacts') }}
),

identifiers_seen as (
    select * from {{ ref('int_identifiers_seen') }}
),

asked as (
    select
        {{ hash_id(["'contact_id'", 'contact_id']) }} as identifier_id,
        'contact_id' as identifier_type,
        {{ lead_name("'contact_id'", 'contact_id') }} as lead_id
    from erasure_requests
    where contact_id not like 'md5:%'
    union
    select
        {{ hash_id(["'email'", 'email']) }} as identifier_id,
        'email' as identifier_type,
        {{ lead_name("'email'", 'email') }} as lead_id
    from erasure_requests
    where email not like 'md5:%'
),

carried_out as (
    select
        'contact_id' as identifier_type,
        substr(contact_id, 5) as name_hash
    from erasure_requests
    where contact_id like 'md5:%'
    union
    select
        'email' as identifier_type,
        left(substr(email, 5), 16) as name_hash
    from erasure_requests
    where email like 'md5:%'
),

hashed as (
    select
        {{ hash_id(["'contact_id'", 'contact_id']) }} as identifier_id,
        'contact_id' as identifier_type,
        contact_id as lead_id,
        md5(contact_id) as name_hash
    from contacts
    union
    select
        {{ hash_id(["'email'", 'email']) }} as identifier_id,
        'email' as identifier_type,
        {{ lead_name("'email'", 'email') }} as lead_id,
        left(md5(email), 16) as name_hash
    from contacts
    where email is not null
    union
    select
        identifier_id,
        identifier_type,
        identifier_name as lead_id,
        case
            when identifier_type = 'contact_id'
                then md5(regexp_replace(identifier_name, '^contact_id:', ''))
            else substr(identifier_name, 7)
        end as name_hash
    from identifiers_seen
    where identifier_type in ('contact_id', 'email')
),

recognised as (
    select
        hashed.identifier_id,
        hashed.identifier_type,
        hashed.lead_id
    from hashed
    inner join carried_out
        on
            hashed.identifier_type = carried_out.identifier_type
            and hashed.name_hash = carried_out.name_hash
),

erased as (
    select
        identifier_id,
        identifier_type,
        lead_id
    from asked
    union
    select
        identifier_id,
        identifier_type,
        lead_id
    from recognised
)

select * from erased
