-- The contacted and the held-out leads are together all persons whose first entry is
-- old enough and who, on that day, had granted a consent that a destination of the
-- segment needs; nobody is counted twice. Fails when a join drops or doubles an entry,
-- or when a consent counts that was withdrawn by the day of entry or granted after it.
with

segment_changes as (
    select * from {{ ref('fct_segment_changes') }}
),

segment_purposes as (
    select * from {{ ref('int_segment_purposes') }}
),

segment_uplift as (
    select * from {{ ref('fct_segment_uplift') }}
),

known_identifiers as (
    select * from {{ ref('int_known_identifiers') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

consents as (
    select * from {{ ref('stg_landing__consents') }}
),

-- Every contact_id of a contact, and every one that ever gave a consent.
named as (
    select lead_id as contact_id
    from segment_changes
    where segment in (select segment_purposes.segment from segment_purposes)
    union
    select contact_id
    from consents
),

persons as (
    select
        named.contact_id,
        leads.lead_id
    from named
    inner join known_identifiers
        on
            {{ hash_id(["'contact_id'", 'named.contact_id']) }}
            = known_identifiers.identifier_id
    inner join leads
        on known_identifiers.lead_key = leads.lead_key
    where leads.excluded_reason is null and leads.as_of_date = {{ as_of_date() }}
),

entered as (
    select
        segment_changes.lead_id as contact_id,
        persons.lead_id,
        segment_changes.segment,
        min(segment_changes.as_of_date) as entered_on
    from segment_changes
    inner join persons
        on segment_changes.lead_id = persons.contact_id
    where
        segment_changes.change = 'entered'
        and segment_changes.segment in (
            select segment_purposes.segment from segment_purposes
        )
    group by segment_changes.lead_id, persons.lead_id, segment_changes.segment
),

said as (
    select
        entered.contact_id,
        entered.lead_id,
        entered.segment,
        entered.entered_on,
        consents.status,
        rank() over (
            partition by entered.contact_id, entered.segment, consents.purpose
            order by
                consents.occurred_at desc, consents.loaded_at desc, consents.status desc
        ) as place
    from entered
    inner join persons
        on entered.lead_id = persons.lead_id
    inner join consents
        on
            persons.contact_id = consents.contact_id
            and entered.entered_on >= {{ local_date('consents.occurred_at') }}
    inner join segment_purposes
        on
            entered.segment = segment_purposes.segment
            and consents.purpose = segment_purposes.purpose
),

reachable as (
    select
        segment,
        lead_id,
        min(entered_on) as entered_on
    from said
    where place = 1 and status = 'granted'
    group by segment, lead_id
),

expected as (
    select
        segment_uplift.segment,
        segment_uplift.horizon_days,
        count(reachable.lead_id) as leads_count
    from segment_uplift
    left join reachable
        on
            segment_uplift.segment = reachable.segment
            and {{ days_between('reachable.entered_on', as_of_date()) }}
            >= segment_uplift.horizon_days
    group by segment_uplift.segment, segment_uplift.horizon_days
)

select
    segment_uplift.segment,
    segment_uplift.horizon_days,
    expected.leads_count as expected_count,
    segment_uplift.contacted_count + segment_uplift.held_out_count as found_count
from segment_uplift
inner join expected
    on
        segment_uplift.segment = expected.segment
        and segment_uplift.horizon_days = expected.horizon_days
where
    segment_uplift.contacted_count + segment_uplift.held_out_count
    != expected.leads_count
