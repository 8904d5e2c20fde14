with

lead_rule_hits as (
    select * from {{ ref('int_lead_rule_hits') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

met as (
    select
        lead_rule_hits.lead_key,
        lead_rule_hits.rule_key,
        lead_rule_hits.as_of_date,
        lead_rule_hits.event_date,
        lead_rule_hits.hits,
        engagement_rules.max_hits_per_day,
        engagement_rules.max_hits_in_total,
        engagement_rules.window_days is null
        or {{ days_between('lead_rule_hits.event_date', 'lead_rule_hits.as_of_date') }}
        < engagement_rules.window_days as is_in_window,
        lead_spells.counts_from_date is null
        or lead_rule_hits.event_date >= lead_spells.counts_from_date as is_kept
    from lead_rule_hits
    inner join engagement_rules
        on lead_rule_hits.rule_key = engagement_rules.rule_key
    left join lead_spells
        on lead_rule_hits.lead_key = lead_spells.lead_key
),

capped_daily as (
    select
        lead_key,
        rule_key,
        as_of_date,
        event_date,
        hits,
        case when is_in_window then hits else 0 end as window_hits,
        case when is_in_window and is_kept then hits else 0 end as kept_hits,
        case
            when is_in_window and is_kept
                then least(hits, coalesce(max_hits_per_day, hits))
            else 0
        end as capped_hits,
        max_hits_in_total
    from met
),

-- Sorting is the dear part: only the rules with a total cap go through it.
capped_in_total as (
    select
        lead_key,
        rule_key,
        as_of_date,
        event_date,
        hits,
        window_hits,
        kept_hits,
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
        as_of_date,
        event_date,
        hits,
        window_hits,
        kept_hits,
        capped_hits as counted_hits
    from capped_daily
    where max_hits_in_total is null
    union all
    select
        lead_key,
        rule_key,
        as_of_date,
        event_date,
        hits,
        window_hits,
        kept_hits,
        cast(
            greatest(
                0, least(capped_hits, max_hits_in_total - coalesce(hits_before, 0))
            ) as bigint
        ) as counted_hits
    from capped_in_total
)

select * from counted
