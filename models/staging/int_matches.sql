-- Rules that look for the same thing share one match, and every event type is a match
-- of its own: activity that earns nothing still breaks a silence.
with

event_types as (
    select * from {{ ref('event_types') }}
),

engagement_rules as (
    select * from {{ ref('engagement_rules') }}
),

stage_rules as (
    select * from {{ ref('stage_rules') }}
),

disqualification_rules as (
    select * from {{ ref('disqualification_rules') }}
),

united as (
    select
        event_type,
        cast(null as string) as property,
        cast(null as string) as operator,
        cast(null as string) as operand
    from event_types
    union all
    select
        event_type,
        property,
        operator,
        operand
    from engagement_rules
    union all
    select
        event_type,
        property,
        operator,
        operand
    from stage_rules
    union all
    select
        event_type,
        property,
        operator,
        operand
    from disqualification_rules
    where event_type is not null
),

distinct_matches as (
    select distinct
        {{ match_id('event_type', 'property', 'operator', 'operand') }} as match_id,
        event_type,
        property,
        operator,
        {{ lowered('operand') }} as operand,
        {{ as_number(lowered('operand')) }} as operand_number
    from united
)

select * from distinct_matches
