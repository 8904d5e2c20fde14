-- A score lies between 0 and 100 and is 50 at half saturation. Fails when negative
-- points score, when the scale runs over, or on whole-number division.
with

cases as (
    select cases.*
    from (
        values
        ('saturating', 0, 20, null, 0),
        ('saturating', 20, 20, null, 50),
        ('saturating', 40, 20, null, 75),
        ('saturating', 10, 20, null, 29.289321881345252),
        ('saturating', -30, 20, null, 0),
        ('saturating', 100000, 20, null, 100),
        ('linear', 0, null, 80, 0),
        ('linear', 1, null, 80, 1.25),
        ('linear', 80, null, 80, 100),
        ('linear', 81, null, 80, 100),
        ('linear', -1, null, 80, 0)
    ) as cases (scaling, points, half_saturation_points, max_points, expected)
),

typed as (
    select
        scaling,
        cast(points as double) as points,
        cast(half_saturation_points as double) as half_saturation_points,
        cast(max_points as double) as max_points,
        cast(expected as double) as expected
    from cases
),

computed as (
    select
        *,
        {{ scaled_score(
            'points', 'scaling', 'half_saturation_points', 'max_points'
        ) }} as given
    from typed
)

select *
from computed
where given is null or abs(given - expected) > 1e-12
