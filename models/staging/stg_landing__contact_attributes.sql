with

contact_attributes as (
    select * from {{ source('landing', 'contact_attributes') }}
),

cleaned as (
    select
        {{ trimmed('contact_id') }} as contact_id,
        {{ trimmed(lowered('attribute')) }} as attribute,
        {{ trimmed('value') }} as value,
        origin,
        coalesce(updated_at, timestamp '1970-01-01 00:00:00') as updated_at,
        loaded_at
    from contact_attributes
    where
        {{ trimmed('contact_id') }} is not null
        and {{ trimmed('attribute') }} is not null
)

select * from cleaned
