with

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

selected as (
    select
        lead_id,
        stage,
        top_reason_1,
        lead_score,
        observed_days,
        is_known
    from segmentable_leads
    where observed_days < {{ setting_number('new_lead_days') }}
)

select * from selected
