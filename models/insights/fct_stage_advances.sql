with

stage_signals as (
    select * from {{ ref('int_stage_signals') }}
),

contrasts as (
    select * from {{ ref('int_contrasts') }}
),

stages as (
    select * from {{ ref('stages') }}
),

seen as (
    select distinct
        stage,
        event_type,
        campaign_id
    from stage_signals
),

judged as (
    select
        seen.campaign_id,
        seen.stage,
        seen.event_type,
        coalesce(stages.rank, 0) as stage_rank,
        contrasts.rows_count as leads_count,
        contrasts.successes_count as advances_count,
        contrasts.other_rows_count as other_leads_count,
        contrasts.other_successes_count as other_advances_count,
        contrasts.rate as advance_rate,
        contrasts.other_rate as other_advance_rate,
        contrasts.lift,
        contrasts.rate_difference,
        contrasts.rate_difference_low,
        contrasts.rate_difference_high,
        contrasts.is_proven
    from seen
    inner join contrasts
        on
            'stage:' || seen.stage = contrasts.topic
            and seen.event_type || ':' || seen.campaign_id = contrasts.signal
    left join stages
        on seen.stage = stages.stage
)

select * from judged
