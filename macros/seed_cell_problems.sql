{% macro seed_cell_problems(rows, types) -%}
    {%- set problems = [] -%}
    {%- for line, row in rows -%}
        {%- for column in row.keys() if row[column] is not none -%}
            {%- set problem = cell_problem(row[column].strip(), types[column])
                if types[column] != 'string' -%}
            {%- set problem = 'is more than ' ~ most_days() ~ ' days: write fewer'
                if not problem and column.endswith('_days')
                and row[column] | float > most_days() else problem -%}
            {%- if problem -%}
                {%- do problems.append(', line ' ~ line ~ ': ' ~ column ~ ' "'
                    ~ row[column] ~ '" ' ~ problem) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
