{% macro note_matches_read() -%}
    {%- set notes -%}
        select
            '{{ this.identifier }}' as model_name,
            matches.match_id,
            reading.acceptance_id,
            reading.read_until
        from {{ ref('int_matches') }} as matches
        cross join {{ ref('int_reading') }} as reading
    {%- endset -%}
    {{ add_notes(notes) }}
{%- endmacro %}
