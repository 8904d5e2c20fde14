with

lead_attributes as (
    select * from {{ ref('int_lead_attributes') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

fit_rules as (
    select * from {{ ref('fit_rules') }}
),

rules as (
    select
        rule_id,
        criterion,
        {{ lowered('attribute') }} as attribute,
        operator,
        {{ lowered('operand') }} as operand,
        points
    from fit_rules
),

known as (
    select
        lead_attributes.lead_key,
        rules.rule_id,
        rules.criterion,
        rules.points
    from lead_attributes
    inner join rules
        on lead_attributes.attribute = rules.attribute
    where {{ meets_condition(
        'lead_attributes.value', 'rules.operator', 'rules.operand'
    ) }}
),

-- With operator is_not_set, a missing attribute meets the rule.
unknown as (
    select
        leads.lead_key,
        rules.rule_id,
        rules.criterion,
        rules.points
    from leads
    inner join rules
        on rules.operator = 'is_not_set'
    left join lead_attributes
        on
            leads.lead_key = lead_attributes.lead_key
            and rules.attribute = lead_attributes.attribute
    where leads.is_listed and lead_attributes.lead_key is null
),

matched as (
    select * from known
    union all
    select * from unknown
),

placed as (
    select
        lead_key,
        rule_id,
        points,
        row_number() over (
            partition by lead_key, criterion
            order by points desc, rule_id asc
        ) as place
    from matched
),

best as (
    select
        lead_key,
        rule_id,
        points as raw_points,
        case when place = 1 then 0 else points end as group_loss,
        case when place = 1 then points else 0 end as points
    from placed
)

select * from best
