-- Only the first entry counts: from then on one arm is contacted and the other is not,
-- so leads that come back are no longer comparable.
with

segment_changes as (
    select * from {{ ref('fct_segment_changes') }}
),

segments as (
    select * from {{ ref('segments') }}
),

segment_purposes as (
    select * from {{ ref('int_segment_purposes') }}
),

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

consent_spells as (
    select * from {{ ref('int_consent_spells') }}
),

contacts as (
    select
        known_identifiers.identifier_id,
        known_identifiers.lead_key
    from known_identifiers
    inner join leads
        on known_identifiers.lead_key = leads.lead_key
    where leads.excluded_reason is null and leads.as_of_date = {{ as_of_date() }}
),

-- Segments that are exported nowhere, often the largest, are dropped before grouping.
entered as (
    select
        lead_id,
        segment,
        min(as_of_date) as entered_on
    from segment_changes
    where
        change = 'entered'
        and segment in (select segment_purposes.segment from segment_purposes)
    group by lead_id, segment
),

-- Leads that an export may have reached: only contacts have consents and addresses.
eligible as (
    select distinct
        contacts.lead_key,
        entered.lead_id,
        entered.segment,
        entered.entered_on
    from entered
    inner join contacts
        on {{ hash_id(["'contact_id'", 'entered.lead_id']) }} = contacts.identifier_id
    inner join segment_purposes
        on entered.segment = segment_purposes.segment
    inner join consent_spells
        on
            contacts.lead_key = consent_spells.lead_key
            and segment_purposes.purpose = consent_spells.purpose
            and entered.entered_on >= consent_spells.valid_from_date
            and entered.entered_on < consent_spells.valid_to_date
),

-- Two contacts that turned out to be one person count once, with the earlier entry.
placed as (
    select
        eligible.lead_key,
        eligible.lead_id,
        eligible.segment,
        {{ is_held_out(
            'eligible.segment', 'eligible.lead_id', 'segments.holdout_percent'
        ) }} as is_held_out,
        row_number() over (
            partition by eligible.segment, eligible.lead_key
            order by eligible.entered_on, eligible.lead_id
        ) as place,
        eligible.entered_on
    from eligible
    inner join segments
        on eligible.segment = segments.segment
),

first_entered as (
    select
        lead_key,
        lead_id,
        segment,
        is_held_out,
        entered_on
    from placed
    where place = 1
)

select * from first_entered
