-- A model of its own, because sorting is cheaper for rows with few columns.
with

lead_scored as (
    select * from {{ ref('int_lead_scored') }}
),

placed as (
    select
        lead_key,
        cast(row_number() over (
            partition by as_of_date
            order by lead_score desc, engagement_points desc, lead_id asc
        ) as bigint) as score_rank,
        {{ rounded('100 * cume_dist() over (
            partition by as_of_date order by lead_score
        )', 6) }} as score_percentile
    from lead_scored
)

select * from placed
