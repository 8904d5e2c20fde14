{#- agate, which reads the file for dbt, fills up a row that is too short, and counts
    lines differently for one that is too long. -#}
{% macro seed_line_problems(lines) -%}
    {%- set width = lines[0].split(',') | length -%}
    {%- set problems = [] -%}
    {%- for begins, bare in seed_bare_rows(lines) -%}
        {%- set cells = bare.split(',') | length -%}
        {%- if modules.re.search('(^|,)"', bare) -%}
            {%- do problems.append(', line ' ~ begins
                ~ ': a quotation mark opens a cell, and none closes it: add it') -%}
        {%- elif cells > width or (cells < width and bare.strip(' ,')) -%}
            {%- do problems.append(', line ' ~ begins ~ (': has too few cells ('
                if cells < width else ': has too many cells (') ~ cells ~ ' instead of '
                ~ width ~ '): quote a cell with a comma, leave an unused one blank') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
