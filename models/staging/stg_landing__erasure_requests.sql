with

erasure_requests as (
    select * from {{ source('landing', 'erasure_requests') }}
),

cleaned as (
    select
        nullif(trim(contact_id), '') as contact_id,
        case
            when email like '%@%' or trim(email) like 'md5:%' then trim(lower(email))
        end as email,
        requested_at,
        loaded_at
    from erasure_requests
)

select * from cleaned
