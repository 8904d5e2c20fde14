with

lead_rule_points as (
    select * from {{ ref('int_lead_rule_points') }}
),

lead_scored as (
    select * from {{ ref('int_lead_scored') }}
),

rules as (
    select * from {{ ref('int_rules') }}
),

contributing as (
    select
        lead_rule_points.lead_key,
        lead_rule_points.score,
        rules.rule_id,
        rules.description,
        case
            when lead_rule_points.score = 'engagement'
                then
                    lead_scored.engagement_weight
                    * lead_scored.engagement_score
                    * lead_rule_points.points
                    / lead_scored.positive_engagement_points
            when lead_scored.highest_fit_points > 0
                then
                    lead_scored.fit_weight
                    * 100
                    * lead_rule_points.points
                    / lead_scored.highest_fit_points
            else 0
        end as contribution
    from lead_rule_points
    inner join lead_scored
        on lead_rule_points.lead_key = lead_scored.lead_key
    inner join rules
        on
            lead_rule_points.score = rules.score
            and lead_rule_points.rule_id = rules.rule_id
    where lead_rule_points.points > 0
),

placed as (
    select
        lead_key,
        description,
        row_number() over (
            partition by lead_key
            order by {{ rounded('contribution', 9) }} desc, score, rule_id asc
        ) as place
    from contributing
),

spread as (
    select
        lead_key,
        max(case when place = 1 then description end) as top_reason_1,
        max(case when place = 2 then description end) as top_reason_2,
        max(case when place = 3 then description end) as top_reason_3
    from placed
    where place <= 3
    group by lead_key
)

select * from spread
