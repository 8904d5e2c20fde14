with

segment_members as (
    select * from {{ ref('fct_segment_members') }}
),

segment_destinations as (
    select * from {{ ref('int_segment_destinations') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

lead_recipients as (
    select * from {{ ref('int_lead_recipients') }}
),

lead_consents as (
    select * from {{ ref('int_lead_consents') }}
),

granted as (
    select
        leads.lead_id,
        lead_consents.purpose
    from lead_consents
    inner join leads
        on lead_consents.lead_key = leads.lead_key
    where lead_consents.status = 'granted'
),

addressed as (
    select
        segment_members.lead_id,
        segment_members.segment,
        segment_destinations.destination,
        segment_members.priority,
        segment_members.is_holdout,
        segment_destinations.one_segment_per_lead,
        case
            when segment_destinations.purpose is null then 'no_purpose'
            when lead_recipients.lead_id is null then 'no_contact'
            when
                (
                    segment_destinations.address = 'email'
                    and lead_recipients.email is null
                )
                or (
                    segment_destinations.address = 'phone'
                    and lead_recipients.phone is null
                )
                or (
                    segment_destinations.address = 'email|phone'
                    and coalesce(lead_recipients.email, lead_recipients.phone) is null
                )
                then 'no_address'
            when granted.lead_id is null then 'no_consent'
        end as obstacle,
        segment_members.entered_on,
        segment_members.as_of_date
    from segment_members
    inner join segment_destinations
        on segment_members.segment = segment_destinations.segment
    left join lead_recipients
        on segment_members.lead_id = lead_recipients.lead_id
    left join granted
        on
            segment_members.lead_id = granted.lead_id
            and segment_destinations.purpose = granted.purpose
),

-- Held-out leads keep their place, so that both arms of the experiment are comparable.
placed as (
    select
        lead_id,
        segment,
        destination,
        priority,
        is_holdout,
        one_segment_per_lead
        and row_number() over (
            partition by destination, lead_id
            order by priority, segment
        ) > 1 as has_other_segment,
        entered_on,
        as_of_date
    from addressed
    where obstacle is null
),

judged as (
    select
        lead_id,
        segment,
        destination,
        case
            when has_other_segment then 'other_segment'
            when is_holdout then 'holdout'
        end as left_out_reason,
        priority,
        not has_other_segment and not is_holdout as is_exported,
        entered_on,
        as_of_date
    from placed
    union all
    select
        lead_id,
        segment,
        destination,
        obstacle as left_out_reason,
        priority,
        false as is_exported,
        entered_on,
        as_of_date
    from addressed
    where obstacle is not null
)

select * from judged
