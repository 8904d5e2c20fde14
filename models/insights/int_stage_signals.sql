-- What a lead did or received in the week up to as_of_date. That is before the days in
-- which an advance counts, so that no event precedes the advance that it causes itself.
with

stage_steps as (
    select * from {{ ref('int_stage_steps') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
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

-- Only the sampled leads' weeks are read: far fewer days than those of all leads. As in
-- int_lead_match_days, the events of an excluded lead do not count.
weeks as (
    select
        stage_steps.lead_key,
        stage_steps.identity_key,
        stage_steps.stage,
        identifiers_linked.identifier_id,
        stage_steps.is_advanced,
        greatest(
            identifiers_linked.valid_from_date,
            {{ add_days('identifiers_linked.as_of_date', '-6') }}
        ) as starts_on,
        least(
            identifiers_linked.valid_to_date,
            {{ add_days('identifiers_linked.as_of_date', '1') }}
        ) as ended_on
    from stage_steps
    inner join identifiers_linked
        on stage_steps.lead_key = identifiers_linked.lead_key
    where
        stage_steps.lead_key not in (
            select leads.lead_key
            from leads
            where leads.excluded_reason is not null
        )
),

followed as (
    select
        weeks.lead_key,
        weeks.identity_key,
        weeks.stage,
        matches.event_type,
        '' as campaign_id,
        weeks.is_advanced
    from weeks
    inner join matches_daily
        on
            weeks.identifier_id = matches_daily.identifier_id
            and weeks.starts_on <= matches_daily.event_date
            and weeks.ended_on > matches_daily.event_date
    inner join matches
        on matches_daily.match_id = matches.match_id and matches.property is null
    where matches_daily.hits > 0
    union distinct
    select
        weeks.lead_key,
        weeks.identity_key,
        weeks.stage,
        campaigns_daily.event_type,
        campaigns_daily.campaign_id,
        weeks.is_advanced
    from weeks
    inner join campaigns_daily
        on
            weeks.identifier_id = campaigns_daily.identifier_id
            and weeks.starts_on <= campaigns_daily.event_date
            and weeks.ended_on > campaigns_daily.event_date
    where campaigns_daily.hits > 0
)

select * from followed
