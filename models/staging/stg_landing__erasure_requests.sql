with

erasure_requests as (
    select * from {{ source('landing', 'erasure_requests') }}
),

cleaned as (
    select
        {{ trimmed('contact_id') }} as contact_id,
        case
            when email like '%@%' or {{ trimmed('email') }} like 'md5:%'
                then {{ lowered(trimmed('email')) }}
        end as email,
        requested_at,
        loaded_at
    from erasure_requests
)

select * from cleaned
