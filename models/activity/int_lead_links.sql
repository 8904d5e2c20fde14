-- The same links_id means the same identifiers over the same time.
with

identifiers_scored as (
    select * from {{ ref('int_identifiers_scored') }}
),

hashed as (
    select
        lead_key,
        cast(sum({{ hash_id([
            'identifier_id', 'valid_from_date', 'valid_to_date'
        ]) }} % 1000000000039) as bigint) as links_id
    from identifiers_scored
    group by lead_key
)

select * from hashed
