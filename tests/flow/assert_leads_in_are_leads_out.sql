-- Leads in = leads out: every lead that identity lists is in dim_leads and scored,
-- once, and no other lead is. Fails when a grade, a cell or a scale is missing for some
-- lead, so that a join drops it. Compares the number of leads and the sum of their
-- hashes, not lead by lead; the grain tests make sure that no lead is there twice.
with

leads as (
    select * from {{ ref('dim_leads') }}
),

lead_scores as (
    select * from {{ ref('fct_lead_scores') }}
),

listed as (
    select
        count(*) as leads_count,
        sum({{ hash_id(['lead_id']) }} % 1000000007) as leads_sum
    from {{ ref('int_leads') }}
    where is_listed and as_of_date = {{ as_of_date() }}
),

published as (
    select
        'dim_leads' as table_name,
        count(*) as leads_count,
        sum({{ hash_id(['lead_id']) }} % 1000000007) as leads_sum
    from leads
    union all
    select
        'fct_lead_scores' as table_name,
        count(*) as leads_count,
        sum({{ hash_id(['lead_id']) }} % 1000000007) as leads_sum
    from lead_scores
)

select
    published.table_name,
    listed.leads_count as listed_count,
    published.leads_count as published_count
from published
cross join listed
where
    listed.leads_count != published.leads_count
    or listed.leads_sum != published.leads_sum
