-- Today's key is the identity's; other dates have their own, which never changes. Fails
-- when two dates of a lead share a key.
with

cases as (
    select
        7 as identity_key,
        true as is_today,
        cast('2026-06-30' as date) as as_of_date,
        7 as expected
    union all
    select
        7 as identity_key,
        false as is_today,
        cast('2026-06-28' as date) as as_of_date,
        {{ hash_id(["7", "cast('2026-06-28' as date)"]) }} as expected
),

computed as (
    select
        *,
        {{ dated_lead_key('identity_key', 'is_today', 'as_of_date') }} as given
    from cases
)

select *
from computed
where given is distinct from expected or (is_today != (given = identity_key))
