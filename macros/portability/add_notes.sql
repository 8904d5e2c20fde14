{% macro add_notes(notes) -%}
    {{ return(adapter.dispatch('add_notes', 'lead_scoring')(notes)) }}
{%- endmacro %}

{% macro default__add_notes(notes) -%}
    insert into {{ ref('int_reading_state') }}
    select
        model_name,
        match_id,
        acceptance_id,
        read_until
    from ({{ notes }}) as notes
{%- endmacro %}

{#- Two inserts into one table at the same time remove each other's files. Every model
    overwrites a partition of its own, its older notes included. -#}
{% macro spark__add_notes(notes) -%}
    {%- set state = ref('int_reading_state') -%}
    insert overwrite {{ state }} partition (model_name)
    select /*+ coalesce(1) */ match_id, acceptance_id, read_until, model_name
    from (
        select match_id, acceptance_id, read_until, model_name
        from ({{ notes }}) as notes
        union all
        select match_id, acceptance_id, read_until, model_name
        from {{ state }}
        where model_name = '{{ this.identifier }}'
    ) as known
{%- endmacro %}
