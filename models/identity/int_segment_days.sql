-- Today, and the days since the last recorded one that no build was made on.
with

as_of_date as (
    select * from {{ ref('int_as_of_date') }}
),

recorded as (
    {{ kept_rows('segments', 'int_segment_history', {'as_of_date': 'date'}) }}
),

due as (
    select
        coalesce(
            cast(nullif('{{ var("segments_from") }}', '') as date),
            case
                when max(recorded.as_of_date) is not null
                    then greatest(
                        {{ add_days('max(recorded.as_of_date)', '1') }},
                        {{ add_days(
                            'as_of_date.as_of_date',
                            '-1 * ' ~ setting_number('segment_catch_up_days')
                        ) }}
                    )
            end,
            as_of_date.as_of_date
        ) as first_date,
        as_of_date.as_of_date as last_date
    from as_of_date
    left join recorded
        on as_of_date.as_of_date > recorded.as_of_date
    group by as_of_date.as_of_date
),

counted as (
    select {{ add_days('due.last_date', '-1 * numbers.number') }} as as_of_date
    from due
    cross join {{ numbers_below(
        '(select ' ~ days_between('first_date', 'last_date') ~ ' + 1 from due)'
    ) }} as numbers
),

-- A day to come is no reason to leave today out.
listed as (
    select as_of_date
    from counted
    union
    select as_of_date
    from as_of_date
)

select * from listed
