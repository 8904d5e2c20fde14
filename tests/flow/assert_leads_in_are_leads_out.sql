-- Leads in = leads out: who is listed after identity is in dim_leads and scored, once,
-- and nobody else is. Fails when a grade, a cell or a scale is missing for some lead,
-- so that a join drops it.
with

listed as (
    select lead_id
    from {{ ref('int_leads') }}
    where is_listed and as_of_date = {{ as_of_date() }}
),

leads as (
    select * from {{ ref('dim_leads') }}
),

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

united as (
    select
        'listed' as place,
        lead_id
    from listed
    union all
    select
        'dim_leads' as place,
        lead_id
    from leads
    union all
    select
        'fct_lead_scores' as place,
        lead_id
    from lead_scores
),

counted as (
    select
        lead_id,
        count(*) filter (where place = 'listed') as listed_count,
        count(*) filter (where place = 'dim_leads') as leads_count,
        count(*) filter (where place = 'fct_lead_scores') as scores_count
    from united
    group by lead_id
)

select *
from counted
where listed_count != 1 or leads_count != 1 or scores_count != 1
