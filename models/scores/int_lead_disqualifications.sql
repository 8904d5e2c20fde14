with

lead_attributes as (
    select * from {{ ref('int_lead_attributes') }}
),

lead_evidence as (
    select * from {{ ref('int_lead_evidence') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

disqualification_rules as (
    select * from {{ ref('disqualification_rules') }}
),

rules as (
    select
        trim(rule_id) as rule_id,
        reason,
        nullif(trim(lower(attribute)), '') as attribute,
        operator,
        nullif(trim(lower(operand)), '') as operand,
        {{ match_id('event_type', 'property', 'operator', 'operand') }} as match_id,
        coalesce(min_hits, 1) as min_hits,
        window_days,
        priority
    from disqualification_rules
),

by_attribute as (
    select
        lead_attributes.lead_key,
        rules.rule_id,
        rules.reason,
        rules.priority
    from lead_attributes
    inner join rules
        on lead_attributes.attribute = rules.attribute
    where {{ meets_condition(
        'lead_attributes.value', 'rules.operator', 'rules.operand'
    ) }}
),

by_event as (
    select
        lead_evidence.lead_key,
        rules.rule_id,
        rules.reason,
        rules.priority
    from lead_evidence
    inner join rules
        on
            lead_evidence.match_id = rules.match_id
            and lead_evidence.min_hits = rules.min_hits
            and rules.attribute is null
    inner join lead_spells
        on lead_evidence.lead_key = lead_spells.lead_key
    where
        rules.window_days is null
        or {{ days_between('lead_evidence.evident_date', 'lead_spells.as_of_date') }}
        < rules.window_days
),

united as (
    select * from by_attribute
    union all
    select * from by_event
),

placed as (
    select
        lead_key,
        reason,
        row_number() over (
            partition by lead_key
            order by priority, rule_id
        ) as place
    from united
),

first_reason as (
    select
        lead_key,
        reason as disqualified_reason
    from placed
    where place = 1
)

select * from first_reason
