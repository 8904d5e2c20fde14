-- After a build every model that reads events has recorded how far it has read, under
-- the acceptance rules of this build, and every match has been read. Fails when a model
-- lost its hook: the next build would then read too little, or everything.
-- depends_on: {{ ref('fct_events_rejected') }}
-- depends_on: {{ ref('int_lead_match_days') }}
with

reading as (
    select * from {{ ref('int_reading') }}
),

reading_state as (
    select * from {{ ref('int_reading_state') }}
),

matches as (
    select * from {{ ref('int_matches') }}
),

expected as (
    select
        'int_matches_daily' as model_name,
        match_id
    from matches
    {%- for model in graph.nodes.values() if model.resource_type == 'model' %}
        {%- for hook in model.config['post-hook'] if 'note_reading' in hook.sql %}
            union all
            select
                '{{ model.name }}' as model_name,
                cast(null as bigint) as match_id
        {%- endfor %}
    {%- endfor %}
),

noted as (
    select
        reading_state.model_name,
        reading_state.match_id,
        max(reading_state.read_until) as read_until
    from reading_state
    inner join reading
        on reading_state.acceptance_id = reading.acceptance_id
    group by reading_state.model_name, reading_state.match_id
)

select
    expected.model_name,
    expected.match_id,
    noted.read_until as noted_until,
    reading.read_until
from expected
cross join reading
left join noted
    on
        expected.model_name = noted.model_name
        and coalesce(expected.match_id, 0) = coalesce(noted.match_id, 0)
where noted.read_until is null or noted.read_until != reading.read_until
