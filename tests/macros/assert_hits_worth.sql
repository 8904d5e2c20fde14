-- Every hit earns, or the points are earned once between two bounds. Fails when a bound
-- is taken to be outside, or when no bound means none earn.
with

engagement_rules as (
    select engagement_rules.*
    from (
        values
        ('each', 3, null, null, 4, 4, 12),
        ('each', 3, null, 2, 0.5, 1, 1.5),
        ('each', -15, null, null, 2, 2, -30),
        ('each', 3, null, null, 0, 0, 0),
        ('threshold', 5, null, null, 0, 0, 0),
        ('threshold', 5, null, null, 1, 1, 5),
        ('threshold', 5, null, null, 9, 9, 5),
        ('threshold', 5, 3, null, 2, 2, 0),
        ('threshold', 5, 3, null, 3, 3, 5),
        ('threshold', 5, 3, 4, 4, 4, 5),
        ('threshold', 5, 3, 4, 5, 5, 0),
        ('threshold', 5, 3, 4, 9, 3, 5)
    ) as engagement_rules (
        mode, points, min_hits, max_hits, hits, hits_in_window, expected
    )
),

computed as (
    select
        *,
        {{ hits_worth('hits', 'hits_in_window') }} as given
    from engagement_rules
)

select *
from computed
where given is distinct from expected
