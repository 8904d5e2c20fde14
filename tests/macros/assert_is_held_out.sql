-- A lead is held out of a segment for ever, and out of another by another draw. Fails
-- when the draw changes, or 0 percent hold somebody out.
with

cases as (
    select cases.*
    from (
        values
        -- `hot_leads:c1` falls on 14, `hot_leads:c2` on 29, `cold:c1` on 22
        ('hot_leads', 'c1', 14, false),
        ('hot_leads', 'c1', 15, true),
        ('hot_leads', 'c2', 29, false),
        ('hot_leads', 'c2', 30, true),
        ('cold', 'c1', 22, false),
        ('cold', 'c1', 23, true),
        ('hot_leads', 'c1', 0, false),
        ('hot_leads', 'c1', 100, true),
        ('hot_leads', null, 15, null)
    ) as cases (segment, lead_id, holdout_percent, expected)
),

computed as (
    select
        *,
        {{ is_held_out('segment', 'lead_id', 'holdout_percent') }} as given
    from cases
)

select *
from computed
where given is distinct from expected
