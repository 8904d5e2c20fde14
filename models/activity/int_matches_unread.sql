-- A match counts as read if it was there when events were read last; one that is new, or
-- was away meanwhile, is read again from the beginning.
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

read as (
    select reading_state.match_id
    from reading_state
    inner join reading
        on reading_state.acceptance_id = reading.acceptance_id
    where
        reading_state.model_name = 'int_matches_daily'
        and reading_state.read_until = (
            select max(newest.read_until)
            from reading_state as newest
            where newest.model_name = 'int_matches_daily'
        )
),

unread as (
    select match_id
    from matches
    where match_id not in (select read.match_id from read)
)

select * from unread
