-- A rule asks for an attribute or for events: it has a match only in the second case.
with

disqualification_rules as (
    select * from {{ ref('disqualification_rules') }}
),

typed as (
    select
        trim(rule_id) as rule_id,
        reason,
        nullif(trim(lower(attribute)), '') as attribute,
        operator,
        nullif(trim(lower(operand)), '') as operand,
        case
            when nullif(trim(event_type), '') is not null
                then {{ match_id('event_type', 'property', 'operator', 'operand') }}
        end as match_id,
        coalesce(min_hits, 1) as min_hits,
        window_days,
        priority
    from disqualification_rules
)

select * from typed
