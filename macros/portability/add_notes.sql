{#- Notes of earlier builds are deleted, so that after a change of the acceptance rules
    and back, nothing counts as read under the first ones. -#}
{% macro add_notes(notes) -%}
    {{ return(adapter.dispatch('add_notes', 'lead_scoring')(notes)) }}
{%- endmacro %}

{% macro default__add_notes(notes) -%}
    delete from {{ ref('int_reading_state') }}
    where
        model_name = '{{ this.identifier }}'
        and (acceptance_id, read_until) not in (
            select (acceptance_id, read_until) from {{ ref('int_reading') }}
        );
    insert into {{ ref('int_reading_state') }}
    select
        model_name,
        match_id,
        acceptance_id,
        read_until
    from ({{ notes }}) as notes
{%- endmacro %}

{#- Two inserts into one table at the same time would delete each other's files, so
    every model overwrites a partition of its own. -#}
{% macro spark__add_notes(notes) -%}
    {%- set state = ref('int_reading_state') -%}
    insert overwrite {{ state }} partition (model_name)
    select /*+ coalesce(1) */ match_id, acceptance_id, read_until, model_name
    from (
        select match_id, acceptance_id, read_until, model_name
        from ({{ notes }}) as notes
        union all
        select state.match_id, state.acceptance_id, state.read_until, state.model_name
        from {{ state }} as state
        inner join {{ ref('int_reading') }} as reading
            on
                state.acceptance_id = reading.acceptance_id
                and state.read_until = reading.read_until
        where state.model_name = '{{ this.identifier }}'
    ) as known
{%- endmacro %}
