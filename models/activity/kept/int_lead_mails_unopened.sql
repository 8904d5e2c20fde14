with

lead_match_days as (
    {{ match_days_to_rebuild() }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

mail_days as (
    select
        lead_match_days.lead_key,
        lead_match_days.event_date,
        matches.event_type = 'email_sent' as is_sent,
        lead_match_days.hits
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
    from mail_days
    where not is_sent
    group by lead_key
),

unopened as (
    select
        mail_days.lead_key,
        cast(sum(mail_days.hits) as bigint) as mails_count
    from mail_days
    left join last_opened
        on mail_days.lead_key = last_opened.lead_key
    where
        mail_days.is_sent
        and (
            last_opened.last_opened_date is null
            or mail_days.event_date > last_opened.last_opened_date
        )
    group by mail_days.lead_key
)

select * from unopened
