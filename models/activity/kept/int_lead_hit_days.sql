-- Weights, decay, windows and a silence that still lasts are applied after this table,
-- so that a lead's rows stay until its events, its identifiers or the basis change.
with

lead_match_days as (
    {{ match_days_to_rebuild() }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

lead_activity as (
    select * from {{ ref('int_lead_activity') }}
),

summed as (
    select
        lead_match_days.lead_key,
        engagement_rules.rule_key,
        lead_match_days.event_date,
        cast(sum(lead_match_days.hits) as bigint) as hits
    from lead_match_days
    inner join engagement_rules
        on
            lead_match_days.match_id = engagement_rules.match_id
            and lead_match_days.event_date >= engagement_rules.valid_from
            and lead_match_days.event_date < engagement_rules.valid_to
    where lead_match_days.hits > 0
    group by
        lead_match_days.lead_key,
        engagement_rules.rule_key,
        lead_match_days.event_date
),

capped_daily as (
    select
        summed.lead_key,
        summed.rule_key,
        summed.event_date,
        summed.hits,
        case
            when
                lead_activity.spell_start_date is null
                or summed.event_date >= lead_activity.spell_start_date
                then least(
                    summed.hits,
                    coalesce(engagement_rules.max_hits_per_day, summed.hits)
                )
            else 0
        end as capped_hits,
        engagement_rules.max_hits_in_total
    from summed
    inner join engagement_rules
        on summed.rule_key = engagement_rules.rule_key
    -- The filter keeps this join small: few leads ever had so long a silence.
    left join lead_activity
        on
            summed.lead_key = lead_activity.lead_key
            and lead_activity.spell_start_date is not null
),

-- Sorting is the expensive part, so only rules with a total cap go through it.
capped_in_total as (
    select
        lead_key,
        rule_key,
        event_date,
        hits,
        capped_hits,
        max_hits_in_total,
        sum(capped_hits) over (
            partition by lead_key, rule_key
            order by event_date
            rows between unbounded preceding and 1 preceding
        ) as hits_before
    from capped_daily
    where max_hits_in_total is not null
),

counted as (
    select
        lead_key,
        rule_key,
        event_date,
        hits,
        capped_hits as counted_hits
    from capped_daily
    where max_hits_in_total is null
    union all
    select
        lead_key,
        rule_key,
        event_date,
        hits,
        cast(
            greatest(
                0, least(capped_hits, max_hits_in_total - coalesce(hits_before, 0))
            ) as bigint
        ) as counted_hits
    from capped_in_total
)

select * from counted
