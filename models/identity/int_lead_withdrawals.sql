-- An erasure and an objection hold for every date scored, past ones too: requests and
-- consents count whenever they landed, even those from after as_of_date.
with

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

identifiers_erased as (
    select * from {{ ref('int_identifiers_erased') }}
),

consents as (
    select * from {{ ref('stg_landing__consents') }}
),

contacts as (
    select * from {{ ref('stg_landing__contacts') }}
),

erased as (
    select distinct known_identifiers.lead_key
    from known_identifiers
    inner join identifiers_erased
        on known_identifiers.identifier_id = identifiers_erased.identifier_id
),

ordered_versions as (
    select
        contact_id,
        email,
        row_number() over (
            partition by contact_id
            order by updated_at desc, loaded_at desc, {{ nulls_last(['email']) }}
        ) as place
    from contacts
),

-- By address, too: on a past date the person may have been an address and no contact.
answers as (
    select
        {{ hash_id(["'contact_id'", 'contact_id']) }} as identifier_id,
        status,
        occurred_at,
        loaded_at
    from consents
    where purpose = 'profiling'
    union all
    select
        {{ hash_id(["'email'", 'ordered_versions.email']) }} as identifier_id,
        consents.status,
        consents.occurred_at,
        consents.loaded_at
    from consents
    inner join ordered_versions
        on
            consents.contact_id = ordered_versions.contact_id
            and ordered_versions.place = 1
    where consents.purpose = 'profiling' and ordered_versions.email is not null
),

placed as (
    select
        known_identifiers.lead_key,
        answers.status,
        -- Granted and withdrawn in the same moment counts as withdrawn.
        row_number() over (
            partition by known_identifiers.lead_key
            order by
                answers.occurred_at desc, answers.loaded_at desc, answers.status desc
        ) as place
    from answers
    inner join known_identifiers
        on answers.identifier_id = known_identifiers.identifier_id
),

withdrawn as (
    select
        lead_key,
        'erased' as reason
    from erased
    union all
    select
        placed.lead_key,
        'objected' as reason
    from placed
    left join erased
        on placed.lead_key = erased.lead_key
    where
        placed.place = 1
        and placed.status = 'withdrawn'
        and erased.lead_key is null
)

select * from withdrawn
