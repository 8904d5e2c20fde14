-- One row: everything except events and identity that the incremental tables (folder
-- kept) are built from. Weights, decay and windows are applied after those tables.
with

reading as (
    select * from {{ ref('int_reading') }}
),

as_of_date as (
    select * from {{ ref('int_as_of_date') }}
),

identifiers_seen as (
    select * from {{ ref('int_identifiers_seen') }}
),

event_types as (
    select * from {{ ref('event_types') }}
),

engagement_rules as (
    select * from {{ ref('int_engagement_rules') }}
),

evidence_rules as (
    select * from {{ ref('int_evidence_rules') }}
),

basis_kept as (
    {{ kept_rows('activity', 'int_activity_basis_kept', {
        'basis_id': 'bigint',
        'read_until': 'timestamp',
    }) }}
),

-- A build for a past day leaves later events out.
replayed as (
    select max(as_of_date.as_of_date) as replayed_date
    from as_of_date
    inner join identifiers_seen
        on as_of_date.as_of_date < identifiers_seen.last_seen_date
),

parts as (
    select {{ hash_id([
        "'engagement'", 'rule_key', 'match_id', 'max_hits_per_day',
        'max_hits_in_total', 'valid_from', 'valid_to'
    ]) }} as part_hash
    from engagement_rules
    union all
    select {{ hash_id(["'evidence'", 'match_id', 'min_hits']) }} as part_hash
    from evidence_rules
    union all
    select {{ hash_id(["'activity'", 'event_type']) }} as part_hash
    from event_types
    where is_activity
    union all
    select {{ hash_id([
        "'build'", 'reading.acceptance_id', setting_number('inactivity_reset_days'),
        'replayed.replayed_date'
    ]) }} as part_hash
    from reading
    cross join replayed
),

basis as (
    select cast(sum(part_hash % 1000000007) as bigint) as basis_id
    from parts
),

compared as (
    select
        basis.basis_id,
        coalesce(max(basis_kept.read_until), max(reading.read_until)) as kept_until,
        max(reading.read_until) as read_until,
        not {{ replaces_leads() }} or count(basis_kept.basis_id) = 0 as is_stale
    from basis
    cross join reading
    left join basis_kept
        on basis.basis_id = basis_kept.basis_id
    group by basis.basis_id
)

select * from compared
