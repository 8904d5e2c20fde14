with

lead_links as (
    select * from {{ ref('int_lead_links') }}
),

lead_activity as (
    select * from {{ ref('int_lead_activity') }}
),

dated as (
    select
        lead_links.lead_key,
        lead_links.as_of_date,
        lead_activity.last_activity_date,
        lead_activity.spell_start_date,
        lead_activity.last_activity_at,
        {{ days_between('lead_activity.last_activity_date', 'lead_links.as_of_date') }}
            as days_inactive
    from lead_links
    left join lead_activity
        on lead_links.lead_key = lead_activity.lead_key
),

bounded as (
    select
        lead_key,
        as_of_date,
        last_activity_date,
        last_activity_at,
        days_inactive,
        -- Hits count from this date on; a silence that still lasts voids them all.
        case
            when days_inactive >= {{ setting_number('inactivity_reset_days') }}
                then cast('9999-12-31' as date)
            else coalesce(spell_start_date, cast('1900-01-01' as date))
        end as counts_from_date
    from dated
)

select * from bounded
