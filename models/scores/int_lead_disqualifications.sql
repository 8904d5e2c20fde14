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
    select * from {{ ref('int_disqualification_rules') }}
),

by_attribute as (
    select
        lead_attributes.lead_key,
        disqualification_rules.rule_id,
        disqualification_rules.reason,
        disqualification_rules.priority
    from lead_attributes
    inner join disqualification_rules
        on lead_attributes.attribute = disqualification_rules.attribute
    where {{ meets_condition(
        'lead_attributes.value',
        'disqualification_rules.operator',
        'disqualification_rules.operand',
    ) }}
),

by_event as (
    select
        lead_evidence.lead_key,
        disqualification_rules.rule_id,
        disqualification_rules.reason,
        disqualification_rules.priority
    from lead_evidence
    inner join disqualification_rules
        on
            lead_evidence.match_id = disqualification_rules.match_id
            and lead_evidence.min_hits = disqualification_rules.min_hits
    inner join lead_spells
        on lead_evidence.lead_key = lead_spells.lead_key
    where
        disqualification_rules.window_days is null
        or {{ days_between('lead_evidence.evident_date', 'lead_spells.as_of_date') }}
        < disqualification_rules.window_days
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
