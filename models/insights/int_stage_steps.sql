-- Leads are followed by the identity links of the later day: a visitor who has since
-- given an email address continues as that person.
with

lead_scores as (
    select * from {{ ref('int_lead_scores') }}
),

scoring_dates as (
    select * from {{ ref('int_scoring_dates') }}
),

identifiers_linked as (
    select * from {{ ref('int_identifiers_linked') }}
),

stages as (
    select * from {{ ref('stages') }}
),

-- A growing shop's sample shrinks: only leads that are also in the later sample count.
periods as (
    select
        scoring_dates.as_of_date as started_on,
        later_days.as_of_date as ended_on,
        least(scoring_dates.sample_percent, later_days.scored_percent) as sample_percent
    from scoring_dates
    inner join scoring_dates as later_days
        on
            {{ add_days('scoring_dates.as_of_date', setting_number('advance_days')) }}
            = later_days.as_of_date
    where scoring_dates.is_week_end
),

-- At the highest stage there is nothing left to advance to.
started as (
    select
        lead_scores.lead_key,
        lead_scores.identity_key,
        lead_scores.stage,
        lead_scores.stage_rank,
        lead_scores.as_of_date,
        periods.ended_on
    from lead_scores
    inner join periods
        on
            lead_scores.as_of_date = periods.started_on
            and lead_scores.sample_bucket < periods.sample_percent
    where
        not lead_scores.is_disqualified
        and lead_scores.stage_rank < (select max(stages.rank) from stages)
),

ended as (
    select
        started.lead_key,
        started.identity_key,
        started.stage,
        lead_scores.stage_rank > started.stage_rank as is_advanced,
        started.as_of_date
    from started
    inner join identifiers_linked
        on
            started.identity_key = identifiers_linked.identifier_id
            and started.ended_on = identifiers_linked.as_of_date
            and started.ended_on >= identifiers_linked.valid_from_date
            and started.ended_on < identifiers_linked.valid_to_date
    inner join lead_scores
        on identifiers_linked.lead_key = lead_scores.lead_key
)

select * from ended
