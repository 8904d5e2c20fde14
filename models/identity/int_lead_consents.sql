with

consents as (
    select * from {{ ref('int_consents') }}
),

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

placed as (
    select
        known_identifiers.lead_key,
        consents.purpose,
        consents.status,
        consents.occurred_at,
        -- Granted and withdrawn at the same moment counts as withdrawn, whichever was
        -- loaded first.
        row_number() over (
            partition by known_identifiers.lead_key, consents.purpose
            order by consents.occurred_at desc, consents.status desc
        ) as place
    from consents
    inner join known_identifiers
        on
            consents.identifier_id = known_identifiers.identifier_id
            and known_identifiers.as_of_date = {{ as_of_date() }}
),

newest as (
    select
        lead_key,
        purpose,
        status,
        occurred_at
    from placed
    where place = 1
)

select * from newest
