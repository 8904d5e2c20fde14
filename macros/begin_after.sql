{#- If this model read first, what the others find later, such as duplicates, would
    never be taken into account. -#}
{% macro begin_after() -%}
    {%- set asked -%}
        select distinct state.model_name
        from {{ ref('int_reading_state') }} as state
        inner join {{ ref('int_reading') }} as reading
            on
                state.acceptance_id = reading.acceptance_id
                and state.read_until = reading.read_until
    {%- endset -%}
    {%- set have_read = run_query(asked).columns[0].values() if execute else varargs -%}
    {%- for name in varargs if name not in have_read -%}
        {{ exceptions.raise_compiler_error(
            name ~ ' has not read yet what ' ~ this.identifier ~ ' is to read: '
            ~ 'build the models before it, too (dbt build --select +'
            ~ this.identifier ~ ').'
        ) }}
    {%- endfor -%}
    {{ forget_stale_rows() }}
{%- endmacro %}
