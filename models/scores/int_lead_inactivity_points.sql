with

lead_mails_unopened as (
    select * from {{ ref('int_lead_mails_unopened') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

inactivity_rules as (
    select * from {{ ref('inactivity_rules') }}
),

unopened as (
    select
        lead_mails_unopened.lead_key,
        lead_spells.as_of_date,
        'emails_unopened' as signal,
        lead_mails_unopened.mails_count as signal_value
    from lead_mails_unopened
    inner join lead_spells
        on lead_mails_unopened.lead_key = lead_spells.lead_key
),

silent as (
    select
        lead_key,
        as_of_date,
        'days_without_activity' as signal,
        cast(days_inactive as bigint) as signal_value
    from lead_spells
    where days_inactive is not null
),

signals as (
    select * from unopened
    union all
    select * from silent
),

applied as (
    select
        signals.lead_key,
        inactivity_rules.rule_id,
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
