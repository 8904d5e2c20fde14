{#- With a database and a schema both called `scores`, `scores.leads` is ambiguous. -#}
{% macro check_database() -%}
    {%- set name = target.database or '' -%}
    {%- if name | lower in ['main', 'system', 'temp'] -%}
        {{ exceptions.raise_compiler_error(
            'the warehouse file is called `' ~ name ~ '`, a name that DuckDB keeps for '
            ~ 'itself: name it otherwise (LEAD_SCORING_DATABASE)'
        ) }}
    {%- endif -%}
    {%- set path = target.path or '' -%}
    {%- set file = path.split('/')[-1] -%}
    {%- if path | select('in', '#?') | list or file | select('in', '\'";') | list -%}
        {{ exceptions.raise_compiler_error(
            'the warehouse file is called `' ~ path ~ '`: a # or ? in its path, a quotation '
            ~ 'mark or ; in its name breaks statements; change it (LEAD_SCORING_DATABASE)'
        ) }}
    {%- endif -%}
    {%- if execute and name | lower in graph.nodes.values() | map(attribute='schema') -%}
        {{ exceptions.raise_compiler_error(
            'the warehouse file is called `' ~ name ~ '` like one of its schemas, so that '
            ~ 'queries of `' ~ name ~ '.…` are ambiguous: name it otherwise '
            ~ '(LEAD_SCORING_DATABASE)'
        ) }}
    {%- endif -%}
{%- endmacro %}
