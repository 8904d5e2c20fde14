-- Like int_lead_consents, but for any day: consent granted and withdrawn at the same
-- time is withdrawn, and the contacts of a lead are today's.
with

consents as (
    select * from {{ ref('stg_landing__consents') }}
),

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

dated as (
    select
        known_identifiers.lead_key,
        consents.purpose,
        consents.status,
        {{ local_date('consents.occurred_at') }} as valid_from_date,
        lag({{ local_date('consents.occurred_at') }}, 1, cast('9999-12-31' as date))
            over (
                partition by known_identifiers.lead_key, consents.purpose
                order by consents.occurred_at desc, consents.status desc
            ) as valid_to_date
    from consents
    inner join known_identifiers
        on
            {{ hash_id(["'contact_id'", 'consents.contact_id']) }}
            = known_identifiers.identifier_id
            and known_identifiers.as_of_date = {{ as_of_date() }}
),

-- A grant that is replaced on the same day did not hold at the end of that day.
granted as (
    select
        lead_key,
        purpose,
        valid_from_date,
        valid_to_date
    from dated
    where status = 'granted' and valid_from_date < valid_to_date
)

select * from granted
