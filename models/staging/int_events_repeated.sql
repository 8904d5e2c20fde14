{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_date, event_key',
    pre_hook="{{ forget_stale_rows() }}",
    post_hook="{{ note_reading() }}",
) }}
-- depends_on: {{ ref('stg_landing__events') }}
-- A new row can change rows of its key within one window; these depend on rows within
-- two windows. There may be a million new rows, so dates are compared instead of rows.
with

events_keyed as {{ inlined() }} (
    select * from {{ ref('int_events_keyed') }}
),

events_judged as (
    select * from {{ ref('int_events_judged') }}
),

{% if is_incremental() %}
    touched as (
        {{ event_dates_touched('events_keyed') }}
    ),

    within_one_window as (
        {{ dates_around('touched', setting_number('duplicate_window_days')) }}
    ),

    within_two_windows as (
        {{ dates_around('within_one_window', setting_number('duplicate_window_days')) }}
    ),

    keys_arrived as (
        select event_key
        from events_keyed
        where {{ is_unread() }}
    ),
{% endif %}

keys_repeated as (
    select event_key
    from events_keyed
    {% if is_incremental() %}
        where
            event_key in (select keys_arrived.event_key from keys_arrived)
            and {{ is_on_dates(
                'within_two_windows', '2 * ' ~ setting_number('duplicate_window_days')
            ) }}
    {% endif %}
    group by event_key
    having count(*) > 1
),

ordered as (
    select
        {{ accepted_event_columns('') }},
        {{ hash_id(event_content() + ['occurred_at']) }} as content_key,
        row_number() over (
            partition by event_key
            order by
                loaded_at, occurred_at,
                {{ nulls_last(['received_at'] + event_content()) }}
        ) as place
    from events_judged
    where
        refused_reason is null
        and event_key in (select keys_repeated.event_key from keys_repeated)
        and {{ is_on_dates(
            'within_two_windows', '2 * ' ~ setting_number('duplicate_window_days')
        ) }}
),

dated as (
    select
        event_key,
        event_date,
        count(*) as rows_count,
        min(place) as first_place,
        min_by(content_key, place) as first_content_key
    from ordered
    group by event_key, event_date
),

neighbours as (
    select
        dated.event_key,
        dated.event_date,
        min(nearby.first_place) as first_place,
        min_by(nearby.first_content_key, nearby.first_place) as first_content_key
    from dated
    inner join dated as nearby
        on
            dated.event_key = nearby.event_key
            and abs({{ days_between('dated.event_date', 'nearby.event_date') }})
            <= {{ setting_number('duplicate_window_days') }}
    group by dated.event_key, dated.event_date
    having sum(nearby.rows_count) > 1
),

compared as (
    select
        {{ accepted_event_columns('ordered.') }},
        ordered.place,
        neighbours.first_place < ordered.place as is_duplicate,
        neighbours.first_place < ordered.place
        and neighbours.first_content_key != ordered.content_key as is_conflict
    from ordered
    inner join neighbours
        on
            ordered.event_key = neighbours.event_key
            and ordered.event_date = neighbours.event_date
    {% if is_incremental() %}
        where ordered.event_date in (
            select within_one_window.event_date from within_one_window
        )
    {% endif %}
)

select * from compared
