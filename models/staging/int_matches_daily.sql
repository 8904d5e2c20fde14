{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='event_date, match_id, identifier_id, campaign_id',
    pre_hook="{{ begin_after('int_events_repeated', 'int_user_agents') }}",
    post_hook="{{ note_matches_read() }}",
) }}
-- depends_on: {{ ref('stg_landing__events') }}
-- An event may meet several matches: events x matches are counted. The campaign is kept
-- only for matches without a condition.
with

events_accepted as {{ inlined() }} (
    select * from {{ ref('int_events_accepted') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

matches_unread as (
    select * from {{ ref('int_matches_unread') }}
),

reading as (
    select * from {{ ref('int_reading') }}
),

selected as (
    {% if is_incremental() %}
        select
            {{ accepted_event_columns('events_accepted.') }},
            true as is_new
        from events_accepted
        where {{ is_arrived() }}
        union all
        select
            {{ accepted_event_columns('events_accepted.') }},
            false as is_new
        from events_accepted
        where
            {{ some_matches_are_unread() }}
            and not ({{ is_arrived() }})
    {% else %}
        select
            {{ accepted_event_columns('events_accepted.') }},
            true as is_new
        from events_accepted
    {% endif %}
),

met as (
    select
        selected.identifier_id,
        selected.event_date,
        matches.match_id,
        coalesce(
            case when matches.property is null then selected.campaign_id end, ''
        ) as campaign_id,
        selected.is_machine,
        selected.shop_amount,
        selected.occurred_at
    from selected
    inner join matches
        on selected.event_type = matches.event_type
    where
        -- A case, so that no condition is evaluated for matches without one.
        case
            when matches.property is null then true
            when matches.property in ('quantity', 'amount', 'dwell_seconds')
                then {{ meets_limit(
                    event_number('matches.property'),
                    'matches.operator',
                    'matches.operand_number',
                ) }}
            else {{ meets_condition(
                event_property('matches.property'), 'matches.operator', 'matches.operand'
            ) }}
        end
        and (
            selected.is_new
            or matches.match_id in (select matches_unread.match_id from matches_unread)
        )
),

counted as (
    select
        identifier_id,
        event_date,
        match_id,
        campaign_id,
        count(*) filter (where not is_machine) as hits,
        count(*) filter (where is_machine) as machine_hits,
        sum(shop_amount) filter (where not is_machine) as amount,
        min(occurred_at) as first_at,
        -- Only events of people; first_at may come from a machine.
        max(occurred_at) filter (where not is_machine) as last_at,
        -- Shows later builds which rows have changed since.
        (select reading.read_until from reading) as read_until
    from met
    group by identifier_id, event_date, match_id, campaign_id
),

added_up as (
    {{ added_up('counted', {
        'identifier_id': none,
        'event_date': none,
        'match_id': none,
        'campaign_id': none,
        'hits': 'cast(sum(hits) as bigint)',
        'machine_hits': 'cast(sum(machine_hits) as bigint)',
        'amount': 'sum(amount)',
        'first_at': 'min(first_at)',
        'last_at': 'max(last_at)',
        'read_until': 'max(read_until)',
    }, unless='match_id in (select match_id from matches_unread)') }}
)

select * from added_up
