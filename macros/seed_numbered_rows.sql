{#- A cell may hold line breaks. -#}
{% macro seed_numbered_rows(file) -%}
    {%- set place = namespace(line=1) -%}
    {%- set rows = [] -%}
    {%- for row in file.rows -%}
        {%- set place.line = place.line + 1 -%}
        {%- do rows.append((place.line, row)) -%}
        {%- set place.line = place.line + (row.values() | join).count('\n') -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}
