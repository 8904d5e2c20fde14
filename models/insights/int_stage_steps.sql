-- Who a lead is later on is told by the links of the later day: a visitor who gave an
-- address meanwhile went on as that person.
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

-- At the highest stage there is no step left.
started as (
    select
        lead_scores.lead_key,
        lead_scores.identity_key,
        lead_scores.stage,
        lead_scores.stage_rank,
        lead_scores.as_of_date,
        {{ add_days('lead_scores.as_of_date', setting_number('advance_days')) }}
            as ended_on
    from lead_scores
    inner join scoring_dates
        on
            lead_scores.as_of_date = scoring_dates.as_of_date
            and lead_scores.sample_bucket < scoring_dates.sample_percent
    where
        scoring_dates.is_week_end
        and not lead_scores.is_disqualified
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
