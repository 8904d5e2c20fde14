with

consents as (
    select * from {{ source('landing', 'consents') }}
),

cleaned as (
    select
        nullif(trim(contact_id), '') as contact_id,
        trim(lower(purpose)) as purpose,
        trim(lower(status)) as status,
        occurred_at,
        loaded_at
    from consents
    where
        nullif(trim(contact_id), '') is not null
        and occurred_at is not null
)

select * from cleaned
