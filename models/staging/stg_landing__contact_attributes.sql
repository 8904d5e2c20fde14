with

contact_attributes as (
    select * from {{ source('landing', 'contact_attributes') }}
),

cleaned as (
    select
        nullif({{ stripped('contact_id') }}, '') as contact_id,
        nullif({{ stripped(lowered('attribute')) }}, '') as attribute,
        nullif({{ stripped('value') }}, '') as value,
        origin,
        coalesce(updated_at, timestamp '1970-01-01 00:00:00') as updated_at,
        loaded_at
    from contact_attributes
    where
        nullif({{ stripped('contact_id') }}, '') is not null
        and nullif({{ stripped('attribute') }}, '') is not null
)

select * from cleaned
