-- A lead that is held out of a segment is in no leaf with that segment, and no other
-- lead has the reason `holdout`. Fails when the arm that must not be contacted is
-- exported: the effect could no longer be measured.
with

segment_exports as (
    select * from {{ ref('fct_segment_exports') }}
),

segment_members as (
    select * from {{ ref('fct_segment_members') }}
)

select
    segment_exports.lead_id,
    segment_exports.segment,
    segment_exports.destination,
    segment_exports.left_out_reason,
    segment_members.is_holdout
from segment_exports
inner join segment_members
    on
        segment_exports.lead_id = segment_members.lead_id
        and segment_exports.segment = segment_members.segment
where
    (segment_members.is_holdout and segment_exports.is_exported)
    or (
        segment_exports.left_out_reason = 'holdout' and not segment_members.is_holdout
    )
    or segment_exports.is_exported
    is distinct from (segment_exports.left_out_reason is null)
