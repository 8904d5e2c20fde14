{% macro last_read_until() -%}
    (
        select coalesce(max(read_until), timestamp '1900-01-01 00:00:00')
        from {{ ref('int_reading_state') }}
        where
            model_name = '{{ this.identifier }}'
            and acceptance_id = (select acceptance_id from {{ ref('int_reading') }})
    )
{%- endmacro %}
