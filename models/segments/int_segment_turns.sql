-- Only changes of standing are kept. A day that is built (again) is compared with the
-- recorded day before it, and the recorded day after it is compared with it.
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

stepped as (
    select
        is_written,
        as_of_date,
        lag(as_of_date) over (order by as_of_date) as last_date
    from segment_days_compared
),

here as (
    select
        known.lead_id,
        known.segment,
        known.standing,
        known.as_of_date
    from known
    inner join stepped
        on known.as_of_date = stepped.as_of_date
    where stepped.is_written
),

before as (
    select
        known.lead_id,
        known.segment,
        known.standing,
        stepped.as_of_date
    from known
    inner join stepped
        on known.as_of_date = stepped.last_date
    where stepped.is_written
),

followed as (
    select
        coalesce(here.lead_id, before.lead_id) as lead_id,
        coalesce(here.segment, before.segment) as segment,
        coalesce(here.standing, 'out') as standing,
        coalesce(before.standing, 'out') as last_standing,
        coalesce(here.as_of_date, before.as_of_date) as as_of_date
    from here
    full outer join before
        on
            here.lead_id = before.lead_id
            and here.segment = before.segment
            and here.as_of_date = before.as_of_date
),

-- A row without a lead marks the day as recorded, even if no standing changed.
turned as (
    select
        lead_id,
        segment,
        standing,
        as_of_date
    from followed
    where standing != last_standing
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
