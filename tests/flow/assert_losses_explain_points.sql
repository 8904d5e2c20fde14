-- What a rule would be worth, less its losses, is what it earned; no hit counts more
-- than once. Fails when a loss has no column or the wrong sign.
with

lead_rule_points as (
    select * from {{ ref('int_lead_rule_points') }}
),

explained as (
    select
        lead_key,
        score,
        rule_id,
        hits,
        counted_hits,
        points,
        raw_points - cap_loss - reset_loss - decay_loss - group_loss as points_left
    from lead_rule_points
)

select *
from explained
where
    points_left is null
    or abs(points_left - points) > 1e-8
    or counted_hits > hits
    or counted_hits < 0
    or hits < 1
