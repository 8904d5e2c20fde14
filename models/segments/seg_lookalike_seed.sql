with

segmentable_leads as (
    select * from {{ ref('int_segmentable_leads') }}
),

placed as (
    select
        lead_id,
        lead_score,
        orders_count,
        orders_amount,
        100 * percent_rank() over (order by lead_score desc) as top_percent
    from segmentable_leads
    where is_known and orders_count > 0
),

selected as (
    select
        lead_id,
        lead_score,
        orders_count,
        orders_amount,
        top_percent
    from placed
    where top_percent < {{ setting_number('lookalike_top_percent') }}
)

select * from selected
