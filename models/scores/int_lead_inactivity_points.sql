with

lead_match_days as (
    select * from {{ ref('int_lead_match_days') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

inactivity_rules as (
    select * from {{ ref('inactivity_rules') }}
),

email_days as (
    select
        lead_match_days.lead_key,
        lead_match_days.as_of_date,
        lead_match_days.event_date,
        lead_match_days.hits,
        matches.event_type
    from lead_match_days
    inner join matches
        on lead_match_days.match_id = matches.match_id
    where
        matches.property is null
        and lead_match_days.hits > 0
        and matches.event_type in ('email_sent', 'email_opened', 'email_clicked')
),

last_opened as (
    select
        lead_key,
        max(event_date) as last_opened_date
    from email_days
    where event_type in ('email_opened', 'email_clicked')
    group by lead_key
),

unopened as (
    select
        email_days.lead_key,
        email_days.as_of_date,
        'emails_unopened' as signal,
        cast(sum(email_days.hits) as bigint) as signal_value
    from email_days
    left join last_opened
        on email_days.lead_key = last_opened.lead_key
    where
        email_days.event_type = 'email_sent'
        and (
            last_opened.last_opened_date is null
            or email_days.event_date > last_opened.last_opened_date
        )
    group by email_days.lead_key, email_days.as_of_date
),

silent as (
    select
        lead_key,
        as_of_date,
        'days_without_activity' as signal,
        cast(days_inactive as bigint) as signal_value
    from lead_spells
),

signals as (
    select * from unopened
    union all
    select * from silent
),

applied as (
    select
        signals.lead_key,
        trim(inactivity_rules.rule_id) as rule_id,
        signals.signal_value,
        {{ rounded('inactivity_rules.points', 9) }} as points
    from signals
    inner join inactivity_rules
        on
            signals.signal = inactivity_rules.signal
            and signals.signal_value >= coalesce(inactivity_rules.min_value, 0)
            and (
                inactivity_rules.max_value is null
                or signals.signal_value < inactivity_rules.max_value
            )
    where
        coalesce(inactivity_rules.valid_from <= signals.as_of_date, true)
        and coalesce(signals.as_of_date < inactivity_rules.valid_to, true)
)

select * from applied
