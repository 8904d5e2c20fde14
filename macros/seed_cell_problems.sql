{% macro seed_cell_problems(file, types) -%}
    {%- set place = namespace(line=1) -%}
    {%- set problems = [] -%}
    {%- for row in file.rows -%}
        {%- set place.line = place.line + 1 -%}
        {%- for column in file.column_names if row[column] is not none -%}
            {%- set problem = cell_problem(row[column].strip(), types[column])
                if types[column] != 'string' -%}
            {%- if problem -%}
                {%- do problems.append(', line ' ~ place.line ~ ': ' ~ column ~ ' "'
                    ~ row[column] ~ '" ' ~ problem) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set place.line = place.line + (row.values() | join).count('\n') -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
