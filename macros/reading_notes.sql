{#- A full refresh starts over, whatever was read before. -#}
{% macro reading_notes() -%}
    {%- set notes = kept_rows('staging', 'int_reading_state', {
        'model_name': 'string',
        'acceptance_id': 'bigint',
        'read_until': 'timestamp',
    }) -%}
    {{ 'select * from (' ~ notes ~ ') as notes where 1 = 0' if flags.FULL_REFRESH
        else notes }}
{%- endmacro %}
