-- A temporary placeholder: nobody has entered yet.
with

segment_members as (
    select * from {{ ref('fct_segment_members') }}
),

entered as (
    select
        lead_id,
        segment,
        'entered' as change,
        as_of_date
    from segment_members
    where as_of_date > {{ as_of_date() }}
)

select * from entered
