{#- check_grain would refuse these rows too, but cannot name the line. -#}
{% macro seed_key_problems(rows) -%}
    {%- set tests = graph.nodes.values()
        | selectattr('attached_node', 'equalto', model.unique_id)
        | selectattr('test_metadata.name', 'equalto', 'grain') | list -%}
    {%- set columns = tests[0].test_metadata.kwargs.columns if tests else [] -%}
    {%- set lines = {} -%}
    {%- set problems = [] -%}
    {%- for line, row in rows if columns -%}
        {%- set key = [] -%}
        {%- for column in columns if row.values() | reject('none') | list -%}
            {%- do key.append((row[column] or '').strip()) -%}
        {%- endfor -%}
        {%- if '' in key -%}
            {%- do problems.append(', line ' ~ line ~ ': '
                ~ columns[key.index('')] ~ ' is blank: give it a value') -%}
        {%- elif key and lines.setdefault(key | join(','), line) < line -%}
            {%- do problems.append(', line ' ~ line ~ ': `' ~ key | join(',')
                ~ '` is in line ' ~ lines[key | join(',')] ~ ', too: remove one') -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
