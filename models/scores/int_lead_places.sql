-- A sort moves whatever a row holds, and a join keeps one side in memory: these rows
-- hold little.
with

lead_scored as (
    select * from {{ ref('int_lead_scored') }}
),

leads as (
    select * from {{ ref('int_leads') }}
),

placed as (
    select
        leads.lead_key,
        cast(row_number() over (
            partition by leads.as_of_date
            order by
                lead_scored.lead_score desc,
                lead_scored.engagement_points desc,
                leads.lead_id asc
        ) as bigint) as score_rank,
        {{ rounded('100 * cume_dist() over (
            partition by leads.as_of_date order by lead_scored.lead_score
        )', 6) }} as score_percentile
    from lead_scored
    inner join leads
        on lead_scored.lead_key = leads.lead_key
)

select * from placed
