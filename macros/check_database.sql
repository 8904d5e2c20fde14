{#- With a catalogue and a schema both called `scores`, `scores.leads` has two meanings.
    -#}
{% macro check_database() -%}
    {%- set name = target.database or '' -%}
    {%- if name | lower in ['main', 'system', 'temp'] -%}
        {{ exceptions.raise_compiler_error(
            'the warehouse file is called `' ~ name ~ '`, a name that DuckDB keeps for '
            ~ 'itself: name it otherwise (LEAD_SCORING_DATABASE)'
        ) }}
    {%- endif -%}
    {%- set file = (target.path or '').split('/')[-1] -%}
    {%- if file | select('in', '\'";#') | list -%}
        {{ exceptions.raise_compiler_error(
            'the warehouse file is called `' ~ file ~ '`: a quotation mark, a semicolon or '
            ~ 'a # in it breaks statements; name it otherwise (LEAD_SCORING_DATABASE)'
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
