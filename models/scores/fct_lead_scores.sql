with

lead_scored as (
    select * from {{ ref('int_lead_scored') }}
),

grades as (
    select * from {{ ref('int_grades') }}
),

matrix_cells as (
    select * from {{ ref('int_matrix_cells') }}
),

lead_disqualifications as (
    select * from {{ ref('int_lead_disqualifications') }}
),

lead_reasons as (
    select * from {{ ref('int_lead_reasons') }}
),

lead_totals as (
    select * from {{ ref('int_lead_totals') }}
),

lead_spells as (
    select * from {{ ref('int_lead_spells') }}
),

leads as (
    select * from {{ ref('dim_leads') }}
),

graded as (
    select
        lead_scored.*,
        engagement_grades.grade as engagement_grade,
        fit_grades.grade as fit_grade,
        lead_grades.grade as temperature
    from lead_scored
    inner join grades as engagement_grades
        on
            engagement_grades.score = 'engagement'
            and lead_scored.engagement_score >= engagement_grades.min_score
            and lead_scored.engagement_score < engagement_grades.below_score
    inner join grades as fit_grades
        on
            fit_grades.score = 'fit'
            and lead_scored.fit_score >= fit_grades.min_score
            and lead_scored.fit_score < fit_grades.below_score
    inner join grades as lead_grades
        on
            lead_grades.score = 'lead'
            and lead_scored.lead_score >= lead_grades.min_score
            and lead_scored.lead_score < lead_grades.below_score
),

ranked as (
    select
        graded.lead_id,
        graded.engagement_grade,
        graded.fit_grade,
        graded.stage,
        case
            when lead_disqualifications.lead_key is null then graded.temperature
            else 'irrelevant'
        end as temperature,
        matrix_cells.cell,
        matrix_cells.next_action,
        matrix_cells.price_tier,
        lead_disqualifications.disqualified_reason,
        lead_reasons.top_reason_1,
        lead_reasons.top_reason_2,
        lead_reasons.top_reason_3,
        graded.engagement_points,
        graded.engagement_score,
        graded.fit_points,
        graded.fit_score,
        cast(graded.stage_rank as integer) as stage_rank,
        graded.lead_score,
        row_number() over (
            order by
                graded.lead_score desc,
                graded.engagement_points desc,
                graded.lead_id asc
        ) as score_rank,
        {{ rounded('100 * cume_dist() over (order by graded.lead_score)', 6) }}
            as score_percentile,
        cast(null as double) as conversion_probability,
        coalesce(lead_totals.orders_count, 0) as orders_count,
        cast(coalesce(lead_totals.orders_amount, 0) as double) as orders_amount,
        cast(lead_spells.days_inactive as integer) as days_inactive,
        leads.observed_days,
        lead_disqualifications.lead_key is not null as is_disqualified,
        {{ as_of_date() }} as as_of_date,
        lead_spells.last_activity_date,
        lead_totals.last_order_date
    from graded
    inner join matrix_cells
        on
            graded.fit_grade = matrix_cells.fit_grade
            and graded.engagement_grade = matrix_cells.engagement_grade
            and graded.stage = matrix_cells.stage
    inner join leads
        on graded.lead_id = leads.lead_id
    left join lead_disqualifications
        on graded.lead_key = lead_disqualifications.lead_key
    left join lead_reasons
        on graded.lead_key = lead_reasons.lead_key
    left join lead_totals
        on graded.lead_key = lead_totals.lead_key
    left join lead_spells
        on graded.lead_key = lead_spells.lead_key
)

select * from ranked
