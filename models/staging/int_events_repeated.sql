{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_date, event_key',
    pre_hook="{{ forget_stale_rows() }}",
    post_hook="{{ note_reading() }}",
) }}
-- depends_on: {{ ref('stg_landing__events') }}
-- A row's verdict needs its neighbours within the window: what a new row may change
-- lies one window around it, what decides that lies two windows around it. All of them
-- have the new row's key.
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

keys_asked as (
    select
        event_key,
        event_date,
        occurred_at
    from events_keyed
    {% if is_incremental() %}
        where event_key in (select keys_arrived.event_key from keys_arrived)
    {% endif %}
),

keys_repeated as (
    select event_key
    from keys_asked
    where {{ is_on_dates(
        'within_two_windows', '2 * ' ~ setting_number('duplicate_window_days')
    ) }}
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
                loaded_at,
                occurred_at,
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

neighbours as (
    select
        ordered.event_key,
        ordered.place,
        min(nearby.place) as first_place,
        min_by(nearby.content_key, nearby.place) as first_content_key
    from ordered
    inner join ordered as nearby
        on
            ordered.event_key = nearby.event_key
            and ordered.place != nearby.place
            and abs({{ days_between('ordered.event_date', 'nearby.event_date') }})
            <= {{ setting_number('duplicate_window_days') }}
    group by ordered.event_key, ordered.place
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
            and ordered.place = neighbours.place
    {% if is_incremental() %}
        where ordered.event_date in (
            select within_one_window.event_date from within_one_window
        )
    {% endif %}
)

select * from compared
