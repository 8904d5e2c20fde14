{#- Runs while the SQL is compiled. -#}
{% macro events_are_gone(reading) -%}
    {%- set gone = 'select not is_complete from ' ~ reading -%}
    {{ return(execute and run_query(gone).rows[0][0]) }}
{%- endmacro %}
