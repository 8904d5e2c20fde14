-- A rule is about an attribute or about events; only a rule about events has a match.
with

disqualification_rules as (
    select * from {{ ref('disqualification_rules') }}
),

typed as (
    select
        rule_id,
        reason,
        {{ lowered('attribute') }} as attribute,
        operator,
        {{ lowered('operand') }} as operand,
        case
            when event_type is not null
                then {{ match_id('event_type', 'property', 'operator', 'operand') }}
        end as match_id,
        coalesce(min_hits, 1) as min_hits,
        window_days,
        priority
    from disqualification_rules
)

select * from typed
