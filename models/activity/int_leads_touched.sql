{{ config(post_hook=[
    "{{ open_touched_leads('int_activity_basis_kept') }}",
    "{{ open_touched_leads('int_lead_links_kept', this) }}",
]) }}
-- Leads with newly loaded events or changed identifiers, new leads and removed leads:
-- the incremental tables rebuild their rows. Events after the scoring date are ignored.
with

lead_links as (
    select * from {{ ref('int_lead_links') }}
),

activity_basis as (
    select * from {{ ref('int_activity_basis') }}
),

identifiers_scored as (
    select * from {{ ref('int_identifiers_scored') }}
),

matches_daily as (
    select * from {{ ref('int_matches_daily') }}
),

links_kept as (
    {{ kept_rows('activity', 'int_lead_links_kept', {
        'lead_key': 'bigint',
        'links_id': 'bigint',
    }) }}
),

arrived as (
    select
        identifier_id,
        min(event_date) as event_date
    from matches_daily
    where read_until > (select activity_basis.kept_until from activity_basis)
    group by identifier_id
),

touched as (
    select identifiers_scored.lead_key
    from arrived
    inner join identifiers_scored
        on
            arrived.identifier_id = identifiers_scored.identifier_id
            and arrived.event_date <= identifiers_scored.as_of_date
    union distinct
    select coalesce(lead_links.lead_key, links_kept.lead_key) as lead_key
    from lead_links
    full outer join links_kept
        on lead_links.lead_key = links_kept.lead_key
    where
        (select activity_basis.is_stale from activity_basis)
        or coalesce(lead_links.links_id != links_kept.links_id, true)
)

select * from touched
