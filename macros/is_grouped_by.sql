{#- One more CTE that only selects columns may follow the grouping. False when rows
    could multiply after the grouping, or when a column's name may mean something else.
    -#}
{% macro is_grouped_by(columns) -%}
    {%- set last_step = modules.re.search(
        '\\b([a-z0-9_]+) as [(] (select (?:(?! as [(] ).)*) group by ([a-z0-9_., ]+) [)]'
        ~ '(?:, [a-z0-9_]+ as [(] select [a-z0-9_, ]+ from \\1 [)])?'
        ~ ' select [*] from [a-z0-9_]+$',
        (model.compiled_code or '').split() | join(' ')
    ) -%}
    {%- set doubtful = 'unnest|explode|\\b(union|intersect|except|materialized|as ('
        ~ columns | join('|') ~ '))\\b' -%}
    {%- if not last_step or modules.re.search(doubtful, last_step[2]) -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set keys = modules.re.sub('[a-z0-9_]+[.]', '', last_step[3]).split(', ') -%}
    {{ return(keys | sort == columns | sort) }}
{%- endmacro %}
