{% macro seed_header_problems(lines, columns) -%}
    {%- set header = lines[0] | default('', true) -%}
    {%- set found = header.replace('"', '').split(',') | map('trim') | list -%}
    {%- set problems = [] -%}
    {%- if not header.strip(' ,') -%}
        {%- do problems.append(': line 1 is blank: name the columns there: ' ~ columns | join(',')) -%}
    {%- elif ',' not in header and (';' in header or '\t' in header) -%}
        {%- do problems.append(': columns are separated by semicolons or tabs: save it with commas') -%}
    {%- elif not found | select('in', columns) | list -%}
        {%- do problems.append(': line 1 does not name the columns: put this above it: '
            ~ columns | join(',') if columns else ': nothing reads such a file: remove it') -%}
    {%- elif found != header.replace('"', '').split(',') -%}
        {%- do problems.append(': spaces around a column name in line 1: remove them') -%}
    {%- else -%}
        {%- for name in columns if found.count(name) != 1 -%}
            {%- do problems.append(': column ' ~ name ~ (' appears twice: remove one'
                if name in found else ' is missing: add it, blank if unused')) -%}
        {%- endfor -%}
        {%- for name in found if name not in columns -%}
            {%- do problems.append((': unknown column ' ~ name if name
                else ': a column has no name in line 1') ~ ': remove it') -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(problems) }}
{%- endmacro %}
