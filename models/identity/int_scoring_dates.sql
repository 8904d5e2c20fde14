-- Besides today: the ends of the last weeks, and the cut-offs of the back-test, none
-- before anything was known.
with

as_of_date as (
    select * from {{ ref('int_as_of_date') }}
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

seen as (
    select
        min(first_seen_date) as first_event_date,
        (select min({{ local_date('contacts.updated_at') }}) from contacts)
            as first_contact_date,
        cast(least(100, greatest(1, coalesce(ceil(
            100.0 * {{ setting_number('history_max_leads') }} / nullif(count(*), 0)
        ), 100))) as integer) as sample_percent
    from identifiers_seen
),

candidates as (
    select
        as_of_date,
        false as is_week_end,
        false as is_cutoff
    from as_of_date
    union all
    select
        as_of_date,
        false as is_week_end,
        true as is_cutoff
    from backtest_cutoffs
    union all
    select
        {{ spaced_date('as_of_date.as_of_date', '7', 'numbers.number') }} as as_of_date,
        true as is_week_end,
        false as is_cutoff
    from as_of_date
    cross join {{ numbers_below(setting_number('history_weeks')) }} as numbers
),

described as (
    select
        as_of_date,
        as_of_date = {{ as_of_date() }} as is_today,
        bool_or(is_week_end) as is_week_end,
        bool_or(is_cutoff) as is_cutoff
    from candidates
    group by as_of_date
),

scored as (
    select
        case when described.is_today then 100 else seen.sample_percent end
            as sample_percent,
        described.is_today,
        described.is_week_end,
        described.is_cutoff,
        described.as_of_date
    from described
    cross join seen
    where
        described.is_today
        or described.as_of_date >= seen.first_event_date
        or described.as_of_date >= seen.first_contact_date
)

select * from scored
