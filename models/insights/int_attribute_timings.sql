{{ config(materialized='view') }}
-- An attribute that is known only after the first order cannot predict it.
with

contact_attributes as (
    select * from {{ ref('stg_landing__contact_attributes') }}
),

contacts_known as (
    select * from {{ ref('int_contacts_known') }}
),

lead_match_days as (
    select * from {{ ref('int_lead_match_days') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

conversion_types as (
    select * from {{ ref('int_conversion_types') }}
),

recorded as (
    select
        contact_attributes.attribute,
        contacts_known.lead_key,
        min({{ local_date('contact_attributes.updated_at') }}) as recorded_on
    from contact_attributes
    inner join contacts_known
        on
            contact_attributes.contact_id = contacts_known.contact_id
            and contacts_known.is_today
    where contact_attributes.value is not null
    group by contact_attributes.attribute, contacts_known.lead_key
),

converted as (
    select
        lead_match_days.lead_key,
        min(lead_match_days.event_date) as converted_on
    from lead_match_days
    inner join matches
        on lead_match_days.match_id = matches.match_id and matches.property is null
    inner join conversion_types
        on matches.event_type = conversion_types.event_type
    where
        lead_match_days.hits > 0
        and lead_match_days.as_of_date = {{ as_of_date() }}
    group by lead_match_days.lead_key
),

recorded_daily as (
    select
        recorded.attribute,
        recorded.recorded_on,
        count(*) as leads_count,
        count(converted.lead_key) as converted_leads_count,
        count(*) filter (
            where recorded.recorded_on >= converted.converted_on
        ) as after_count
    from recorded
    left join converted
        on recorded.lead_key = converted.lead_key
    group by recorded.attribute, recorded.recorded_on
),

summed as (
    select
        attribute,
        cast(sum(leads_count) as bigint) as leads_count,
        cast(sum(converted_leads_count) as bigint) as converted_leads_count,
        cast(sum(after_count) as bigint) as after_count,
        max(leads_count) as busiest_day_count
    from recorded_daily
    group by attribute
)

select * from summed
