with

consents as (
    select * from {{ source('landing', 'consents') }}
),

cleaned as (
    select
        {{ trimmed('contact_id') }} as contact_id,
        {{ stripped(lowered('purpose')) }} as purpose,
        {{ stripped(lowered('status')) }} as status,
        occurred_at,
        loaded_at
    from consents
    where
        {{ trimmed('contact_id') }} is not null
        and {{ trimmed('purpose') }} is not null
        and occurred_at is not null
)

select * from cleaned
