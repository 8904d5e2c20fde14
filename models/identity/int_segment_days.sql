-- Today, and the days without a build since the last recorded one; if today is already
-- recorded, only today.
with

as_of_date as (
    select * from {{ ref('int_as_of_date') }}
),

recorded as (
    {{ kept_rows('segments', 'int_segment_history', {'as_of_date': 'date'}) }}
),

last_recorded as (
    select max(as_of_date) as last_recorded_date
    from recorded
    where as_of_date <= {{ as_of_date() }}
),

due as (
    select
        as_of_date.as_of_date,
        coalesce(
            {{ days_between(
                "cast(nullif('" ~ var('segments_from') ~ "', '') as date)",
                'as_of_date.as_of_date',
            ) }} + 1,
            case
                when last_recorded.last_recorded_date is not null
                    then least(
                        {{ days_between(
                            'last_recorded.last_recorded_date', 'as_of_date.as_of_date'
                        ) }},
                        {{ setting_number('segment_catch_up_days') }} + 1
                    )
            end
        ) as days_count
    from as_of_date
    cross join last_recorded
),

counted as (
    select {{ add_days('due.as_of_date', '-1 * numbers.number') }} as as_of_date
    from due
    cross join {{ numbers_below('(select days_count from due)') }} as numbers
),

-- Today is listed even if segments_from lies in the future.
listed as (
    select as_of_date
    from counted
    union
    select as_of_date
    from as_of_date
)

select * from listed
