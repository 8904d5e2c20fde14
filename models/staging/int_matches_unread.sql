-- A match counts as read if it existed when events were last read; a match that is new,
-- or was missing then, is read again from the beginning.
with

matches as (
    select * from {{ ref('int_matches') }}
),

reading_state as (
    select * from {{ ref('int_reading_state') }}
),

reading as (
    select * from {{ ref('int_reading') }}
),

notes as (
    select
        reading_state.match_id,
        reading_state.read_until,
        max(reading_state.read_until) over () as last_read_until
    from reading_state
    inner join reading
        on reading_state.acceptance_id = reading.acceptance_id
    where reading_state.model_name = 'int_matches_daily'
),

read_last as (
    select match_id
    from notes
    where read_until = last_read_until
),

unread as (
    select match_id
    from matches
    where match_id not in (select read_last.match_id from read_last)
)

select * from unread
