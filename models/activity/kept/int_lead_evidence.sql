-- A rule that requires three hits within some days is met if the third-last hit is
-- recent enough; a rule that requires one hit needs only the day of the last.
with

lead_match_days as (
    {{ match_days_to_rebuild() }}
),

evidence_rules as (
    select * from {{ ref('int_evidence_rules') }}
),

counted as (
    select
        lead_match_days.lead_key,
        lead_match_days.match_id,
        evidence_rules.min_hits,
        max(lead_match_days.event_date) as event_date,
        cast(sum(lead_match_days.hits) as bigint) as hits
    from lead_match_days
    inner join evidence_rules
        on lead_match_days.match_id = evidence_rules.match_id
    where lead_match_days.hits > 0
    group by
        lead_match_days.lead_key,
        lead_match_days.match_id,
        evidence_rules.min_hits,
        case when evidence_rules.min_hits > 1 then lead_match_days.event_date end
),

-- Sorting is the expensive part; for a single hit it is not needed.
counted_back as (
    select
        lead_key,
        match_id,
        min_hits,
        event_date,
        sum(hits) over (
            partition by lead_key, match_id, min_hits
            order by event_date desc
        ) as hits_since
    from counted
    where min_hits > 1
    union all
    select
        lead_key,
        match_id,
        min_hits,
        event_date,
        hits as hits_since
    from counted
    where min_hits <= 1
),

evident as (
    select
        lead_key,
        match_id,
        min_hits,
        max(event_date) as evident_date
    from counted_back
    where hits_since >= min_hits
    group by lead_key, match_id, min_hits
)

select * from evident
