-- Hits in = hits out: on every day until as_of_date, each identifier with a hit belongs
-- to one lead. Fails when an identifier has no lead on a day, or two, so that hits get
-- lost or count twice. Checks the time spans instead of the hits: they are fewer.
with

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
),

identifiers_linked as (
    select * from {{ ref('int_identifiers_linked') }}
),

linked_today as (
    select
        identifier_id,
        valid_from_date,
        valid_to_date,
        valid_from_date = cast('1900-01-01' as date)
        and valid_to_date = cast('9999-12-31' as date) as is_whole
    from identifiers_linked
    where as_of_date = {{ as_of_date() }}
),

-- Few identifiers ever change hands.
bordering as (
    select
        identifier_id,
        valid_from_date,
        valid_to_date,
        lag(valid_to_date, 1, cast('1900-01-01' as date)) over spans
            as previous_to_date,
        lead(valid_from_date, 1, cast('9999-12-31' as date)) over spans
            as next_from_date
    from linked_today
    where not is_whole
    window spans as (
        partition by identifier_id
        order by valid_from_date
    )
)

select distinct
    identifier_id,
    'has no lead' as problem
from matches_daily
where
    event_date <= {{ as_of_date() }}
    and identifier_id not in (select linked_today.identifier_id from linked_today)
union all
select
    identifier_id,
    'has no lead, or two, from one span to the next' as problem
from bordering
where valid_from_date != previous_to_date or valid_to_date != next_from_date
union all
select
    linked_today.identifier_id,
    'has two leads' as problem
from linked_today
inner join bordering
    on linked_today.identifier_id = bordering.identifier_id
where linked_today.is_whole
