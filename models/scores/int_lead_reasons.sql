-- Points that negative points outweigh do not raise the score, so they are no reason.
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

score_constants as (
    select * from {{ ref('int_score_constants') }}
),

contributing as (
    select
        lead_rule_points.lead_key,
        rules.rule_number,
        {{ rounded("case
            when lead_rule_points.score = 'engagement'
                then
                    score_constants.engagement_weight
                    * lead_scored.engagement_score
                    * lead_rule_points.points
                    / lead_scored.positive_engagement_points
            when lead_scored.fit_score > 0
                then
                    score_constants.fit_weight
                    * 100
                    * lead_rule_points.points
                    / score_constants.highest_fit_points
            else 0
        end", 9) }} as contribution
    from lead_rule_points
    inner join lead_scored
        on lead_rule_points.lead_key = lead_scored.lead_key
    inner join rules
        on
            lead_rule_points.score = rules.score
            and lead_rule_points.rule_id = rules.rule_id
    cross join score_constants
    where lead_rule_points.points > 0
),

placed as (
    select
        lead_key,
        rule_number,
        row_number() over (
            partition by lead_key
            order by contribution desc, rule_number asc
        ) as place
    from contributing
    where contribution > 0
),

spread as (
    select
        lead_key,
        max(case when place = 1 then rule_number end) as rule_number_1,
        max(case when place = 2 then rule_number end) as rule_number_2,
        max(case when place = 3 then rule_number end) as rule_number_3
    from placed
    where place <= 3
    group by lead_key
)

select * from spread
