{#- A quoted cell may hold commas and line breaks. A line without a quotation mark closes
    none: looked at again with each such line, a cell that nothing closes would take time
    by the square of the lines. -#}
{% macro seed_bare_rows(lines) -%}
    {%- set row = namespace(text='', bare='', begins=1, is_open=false) -%}
    {%- set rows = [] -%}
    {%- for line in lines -%}
        {%- set row.text = row.text ~ line -%}
        {%- if not row.is_open or '"' in line -%}
            {%- set row.bare = modules.re.sub('(^|(?<=,))"([^"]|"")*"', '', row.text) -%}
            {%- set row.is_open = modules.re.search('(^|,)"', row.bare) is not none -%}
        {%- endif -%}
        {%- if not row.is_open or loop.last -%}
            {%- do rows.append((row.begins, row.bare)) -%}
            {%- set row.text = '' -%}
            {%- set row.begins = loop.index + 1 -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(rows) }}
{%- endmacro %}
