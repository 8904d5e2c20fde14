-- Kept is only where a standing turns. A day that is built (again) is compared with the
-- recorded day before it, and the recorded day after it with it.
with

segment_standings as (
    select * from {{ ref('int_segment_standings') }}
),

segment_days_compared as (
    select * from {{ ref('int_segment_days_compared') }}
),

kept as (
    {{ kept_rows('segments', 'int_segment_history', {
        'lead_id': 'string',
        'segment': 'string',
        'standing': 'string',
        'as_of_date': 'date',
    }) }}
),

remembered as (
    select
        kept.lead_id,
        kept.segment,
        max_by(kept.standing, kept.as_of_date) as standing,
        segment_days_compared.as_of_date
    from kept
    inner join segment_days_compared
        on kept.as_of_date <= segment_days_compared.as_of_date
    where
        kept.segment != ''
        and not segment_days_compared.is_built
    group by kept.lead_id, kept.segment, segment_days_compared.as_of_date
),

known as (
    select
        lead_id,
        segment,
        standing,
        as_of_date
    from segment_standings
    union all
    select
        lead_id,
        segment,
        standing,
        as_of_date
    from remembered
    where standing != 'out'
),

involved as (
    select distinct
        lead_id,
        segment
    from known
),

followed as (
    select
        involved.lead_id,
        involved.segment,
        coalesce(known.standing, 'out') as standing,
        lag(coalesce(known.standing, 'out'), 1, 'out') over (
            partition by involved.lead_id, involved.segment
            order by segment_days_compared.as_of_date
        ) as last_standing,
        segment_days_compared.is_written,
        segment_days_compared.as_of_date
    from involved
    cross join segment_days_compared
    left join known
        on
            involved.lead_id = known.lead_id
            and involved.segment = known.segment
            and segment_days_compared.as_of_date = known.as_of_date
),

-- A row without a lead says that the day is recorded, even if nobody turned.
turned as (
    select
        lead_id,
        segment,
        standing,
        as_of_date
    from followed
    where is_written and standing != last_standing
    union all
    select
        '' as lead_id,
        '' as segment,
        '' as standing,
        as_of_date
    from segment_days_compared
    where is_written
)

select * from turned
