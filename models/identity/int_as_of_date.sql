with

identifiers_seen as (
    select * from {{ ref('int_identifiers_seen') }}
),

contacts as (
    select * from {{ ref('stg_landing__contacts') }}
),

-- A wrong time zone raises an error even in a shop without events.
known as (
    select
        (select max(identifiers_seen.last_seen_date) from identifiers_seen)
            as last_event_date,
        (select {{ local_date('max(contacts.updated_at)') }} from contacts)
            as last_contact_date
),

chosen as (
    select
        coalesce(
            cast(nullif('{{ var("as_of_date") }}', '') as date),
            last_event_date,
            last_contact_date,
            cast('1970-01-01' as date)
        ) as as_of_date
    from known
)

select * from chosen
