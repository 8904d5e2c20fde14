-- Besides today: recent days without a build of their own, the ends of the last weeks,
-- and the cut-offs of the back-test; no date lies before the first known data.
with

as_of_date as (
    select * from {{ ref('int_as_of_date') }}
),

segment_days as (
    select * from {{ ref('int_segment_days') }}
),

identifiers_seen as (
    select * from {{ ref('int_identifiers_seen') }}
),

contacts as (
    select * from {{ ref('stg_landing__contacts') }}
),

backtest_cutoffs as (
    select * from {{ ref('int_backtest_cutoffs') }}
),

contacts_begun as (
    select
        contact_id,
        min({{ local_date('updated_at') }}) as first_known_date
    from contacts
    group by contact_id
),

candidates as (
    select
        as_of_date,
        true as is_segment_day,
        false as is_week_end,
        false as is_cutoff
    from segment_days
    union all
    select
        as_of_date,
        false as is_segment_day,
        false as is_week_end,
        true as is_cutoff
    from backtest_cutoffs
    union all
    select
        {{ spaced_date('as_of_date.as_of_date', '7', 'numbers.number') }} as as_of_date,
        false as is_segment_day,
        true as is_week_end,
        false as is_cutoff
    from as_of_date
    cross join {{ numbers_below(setting_number('history_weeks')) }} as numbers
),

described as (
    select
        as_of_date,
        as_of_date = {{ as_of_date() }} as is_today,
        bool_or(is_segment_day) as is_segment_day,
        bool_or(is_week_end) as is_week_end,
        bool_or(is_cutoff) as is_cutoff
    from candidates
    group by as_of_date
),

contacts_counted as (
    select
        described.as_of_date,
        count(*) as contacts_count
    from described
    inner join contacts_begun
        on described.as_of_date >= contacts_begun.first_known_date
    group by described.as_of_date
),

-- The sample depends on the number of leads on that day, including contacts without
-- events, so that a date always has the same sample.
sampled as (
    select
        described.as_of_date,
        max(contacts_counted.contacts_count) as contacts_count,
        min(identifiers_seen.first_seen_date) as first_event_date,
        least(100, coalesce(ceil(
            cast(10000 as double) * {{ setting_number('history_max_leads') }}
            / nullif(greatest(
                count(identifiers_seen.first_seen_date),
                coalesce(max(contacts_counted.contacts_count), 0)
            ), 0)
        ) / 100, 100)) as sample_percent
    from described
    left join contacts_counted
        on described.as_of_date = contacts_counted.as_of_date
    left join identifiers_seen
        on described.as_of_date >= identifiers_seen.first_seen_date
    group by described.as_of_date
),

listed as (
    select
        sampled.sample_percent,
        case when described.is_segment_day then 100 else sampled.sample_percent end
            as scored_percent,
        described.is_today,
        described.is_segment_day,
        described.is_week_end,
        described.is_cutoff,
        described.as_of_date
    from described
    inner join sampled
        on described.as_of_date = sampled.as_of_date
    where
        described.is_today
        or sampled.first_event_date is not null
        or sampled.contacts_count is not null
)

select * from listed
