{#- check_grain would refuse them too, but knows no line. -#}
{% macro seed_key_problems(file) -%}
    {%- set tests = graph.nodes.values()
        | selectattr('attached_node', 'equalto', model.unique_id)
        | selectattr('test_metadata.name', 'equalto', 'grain') | list -%}
    {%- set columns = tests[0].test_metadata.kwargs.columns if tests else [] -%}
    {%- set place = namespace(line=1) -%}
    {%- set lines = {} -%}
    {%- set problems = [] -%}
    {%- for row in file.rows if columns -%}
        {%- set place.line = place.line + 1 -%}
        {%- set key = [] -%}
        {%- for column in columns if row.values() | reject('none') | list -%}
            {%- do key.append((row[column] or '').strip()) -%}
        {%- endfor -%}
        {%- if '' in key -%}
            {%- do problems.append(', line ' ~ place.line ~ ': '
                ~ columns[key.index('')] ~ ' is blank: give it a value') -%}
        {%- elif key and lines.setdefault(key | join(','), place.line) < place.line -%}
            {%- do problems.append(', line ' ~ place.line ~ ': `' ~ key | join(',')
                ~ '` stands in line ' ~ lines[key | join(',')] ~ ' too: remove one') -%}
        {%- endif -%}
        {%- set place.line = place.line + (row.values() | join).count('\n') -%}
    {%- endfor -%}
    {{ return(problems) }}
{%- endmacro %}
