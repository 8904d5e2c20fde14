{#- Queried while the model is compiled: only a bound that is a literal in the SQL lets
    every engine skip files that it need not read. -#}
{% macro last_read_until() -%}
    {%- set read_until -%}
        select
            cast(coalesce(max(read_until), timestamp '1900-01-01 00:00:00') as string)
        from {{ ref('int_reading_state') }}
        where
            model_name = '{{ this.identifier }}'
            and acceptance_id = (select acceptance_id from {{ ref('int_reading') }})
    {%- endset -%}
    timestamp '{{ run_query(read_until).rows[0][0] if execute }}'
{%- endmacro %}
