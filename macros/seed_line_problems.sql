{#- agate, which reads the file for dbt, fills up a row that is too short, and counts
    lines differently for one that is too long. A quoted cell may hold commas and line
    breaks. -#}
{% macro seed_line_problems(lines) -%}
    {%- set width = lines[0].split(',') | length -%}
    {%- set row = namespace(text='', begins=1) -%}
    {%- set problems = [] -%}
    {%- for line in lines -%}
        {%- set row.text = row.text ~ line -%}
        {%- set bare = modules.re.sub('(^|(?<=,))"([^"]|"")*"', '', row.text) -%}
        {%- if not modules.re.search('(^|,)"', bare) or loop.last -%}
            {%- set cells = bare.split(',') | length -%}
            {%- if modules.re.search('(^|,)"', bare) -%}
                {%- do problems.append(', line ' ~ row.begins
                    ~ ': a quotation mark opens a cell, and none closes it: add it') -%}
            {%- elif cells > width or (cells < width and bare.strip(' ,')) -%}
                {%- do problems.append(', line ' ~ row.begins ~ (': has too few cells ('
                    if cells < width else ': has too many cells (') ~ cells ~ ' instead of '
                    ~ width ~ '): quote a cell with a comma, leave an unused one blank') -%}
            {%- endif -%}
            {%- set row.text = '' -%}
            {%- set row.begins = loop.index + 1 -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
