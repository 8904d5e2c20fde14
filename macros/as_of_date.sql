{% macro as_of_date() -%}
    (select max(as_of_date) from {{ ref('int_as_of_date') }})
{%- endmacro %}
