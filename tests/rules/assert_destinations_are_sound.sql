-- Every destination says what it may be given, and has a leaf that gives it; fails by
-- naming the row.
{%- set models = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model')
    | map(attribute='name') | list if execute else [] %}
with

destinations as (
    select * from {{ ref('destinations') }}
),

leaves as (
    select '' as destination
    {% for model in models if model.startswith('exp_') %}
        union all
        select '{{ model[4:].split('__')[0] }}' as destination
    {% endfor %}
),

problems as (
    select
        destination,
        case
            when destination is null then 'destination is blank'
            when destination != {{ lowered('destination') }}
                then 'must be written in small letters'
            when count(*) over (partition by destination) > 1 then 'has two rows'
            when label is null then 'label is blank'
            when purpose not in ('email', 'sms', 'ads', 'profiling')
                then
                    concat(
                        'unknown purpose `', purpose,
                        '`: email, sms, ads, profiling, or blank'
                    )
            when address not in ('email', 'phone', 'email|phone')
                then
                    concat(
                        'unknown address `', address,
                        '`: email, phone, email|phone, or blank'
                    )
            when purpose is null and address is not null
                then 'is given addresses, so it needs a purpose: email, sms, ads …'
            when purpose = 'sms' and address = 'email'
                then 'is for messages to phones: address must be phone or email|phone'
            when one_segment_per_lead is null
                then 'one_segment_per_lead must be true or false'
            when destination not in (select leaves.destination from leaves)
                then 'has no leaf: add models/exports/exp_<destination>__<things>.sql'
        end as problem
    from destinations
)

select
    concat('destinations.csv, destination `', coalesce(destination, ''), '`: ', problem)
        as message
from problems
where problem is not null
