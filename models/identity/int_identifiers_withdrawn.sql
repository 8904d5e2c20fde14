-- An erasure and an objection hold for every date scored, past ones too: requests and
-- consents count whenever they landed, even those from after as_of_date.
with

person_identifiers as (
    select * from {{ ref('int_person_identifiers') }}
),

identifiers_erased as (
    select * from {{ ref('int_identifiers_erased') }}
),

consents as (
    select * from {{ ref('stg_landing__consents') }}
),

answered as (
    select
        person_identifiers.person_key,
        consents.status,
        -- Granted and withdrawn in the same moment counts as withdrawn.
        row_number() over (
            partition by person_identifiers.person_key
            order by
                consents.occurred_at desc, consents.loaded_at desc, consents.status desc
        ) as place
    from consents
    inner join person_identifiers
        on
            {{ hash_id(["'contact_id'", 'consents.contact_id']) }}
            = person_identifiers.identifier_id
    where consents.purpose = 'profiling'
),

withdrawn as (
    select
        person_identifiers.person_key,
        'erased' as reason
    from person_identifiers
    inner join identifiers_erased
        on person_identifiers.identifier_id = identifiers_erased.identifier_id
    union all
    select
        person_key,
        'objected' as reason
    from answered
    where place = 1 and status = 'withdrawn'
),

-- In the order of the alphabet erased goes before objected.
reasoned as (
    select
        person_identifiers.identifier_id,
        person_identifiers.identifier_type,
        person_identifiers.lead_id,
        min(withdrawn.reason) as reason
    from person_identifiers
    inner join withdrawn
        on person_identifiers.person_key = withdrawn.person_key
    group by
        person_identifiers.identifier_id,
        person_identifiers.identifier_type,
        person_identifiers.lead_id
)

select * from reasoned
