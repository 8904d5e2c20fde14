-- What a lead did or got in the week that ends on as_of_date: before the days in which
-- a step forward counts, so that no event precedes the step it makes.
with

stage_steps as (
    select * from {{ ref('int_stage_steps') }}
),

lead_match_days as (
    select * from {{ ref('int_lead_match_days') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

identifiers_linked as (
    select * from {{ ref('int_identifiers_linked') }}
),

campaigns_daily as (
    select * from {{ ref('int_campaigns_daily') }}
),

happened as (
    select
        lead_match_days.lead_key,
        matches.event_type,
        '' as campaign_id
    from lead_match_days
    inner join matches
        on lead_match_days.match_id = matches.match_id
    where
        matches.property is null
        and lead_match_days.hits > 0
        and lead_match_days.event_date
        > {{ add_days('lead_match_days.as_of_date', '-7') }}
    union all
    select
        identifiers_linked.lead_key,
        campaigns_daily.event_type,
        campaigns_daily.campaign_id
    from campaigns_daily
    inner join identifiers_linked
        on
            campaigns_daily.identifier_id = identifiers_linked.identifier_id
            and campaigns_daily.event_date <= identifiers_linked.as_of_date
            and campaigns_daily.event_date
            > {{ add_days('identifiers_linked.as_of_date', '-7') }}
            and campaigns_daily.event_date >= identifiers_linked.valid_from_date
            and campaigns_daily.event_date < identifiers_linked.valid_to_date
    where campaigns_daily.hits > 0
),

followed as (
    select distinct
        stage_steps.lead_key,
        stage_steps.identity_key,
        stage_steps.stage,
        happened.event_type,
        happened.campaign_id,
        stage_steps.is_advanced
    from stage_steps
    inner join happened
        on stage_steps.lead_key = happened.lead_key
)

select * from followed
