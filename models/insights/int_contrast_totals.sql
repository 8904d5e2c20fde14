with

lead_outcomes as (
    select * from {{ ref('int_lead_outcomes') }}
),

stage_steps as (
    select * from {{ ref('int_stage_steps') }}
),

united as (
    select
        'rule:' || cast(horizon_days as string) as topic,
        identity_key,
        is_converted as is_success
    from lead_outcomes
    union all
    select
        'stage:' || stage as topic,
        identity_key,
        is_advanced as is_success
    from stage_steps
),

counted as (
    select
        topic,
        identity_key,
        count(*) as rows_count,
        count(*) filter (where is_success) as successes_count
    from united
    group by topic, identity_key
)

select * from counted
