with

lead_outcomes as (
    select * from {{ ref('int_lead_outcomes') }}
),

lead_scores as (
    select * from {{ ref('int_lead_scores') }}
),

buyers as (
    select
        lead_key,
        count(*) over (partition by as_of_date) as buyers_count,
        rank() over (partition by as_of_date order by last_order_date) - 1
            as less_recent_count,
        rank() over (partition by as_of_date order by orders_count) - 1
            as less_frequent_count,
        rank() over (partition by as_of_date order by orders_amount) - 1
            as smaller_count
    from lead_scores
    where
        orders_count > 0
        and lead_key in (select lead_outcomes.lead_key from lead_outcomes)
),

-- The fifth that a buyer falls in, 1 to 5, from the number of strictly worse buyers.
rated as (
    select
        lead_key,
        3
        + floor(5 * less_recent_count / cast(buyers_count as double))
        + floor(5 * less_frequent_count / cast(buyers_count as double))
        + floor(5 * smaller_count / cast(buyers_count as double)) as rfm
    from buyers
)

select * from rated
