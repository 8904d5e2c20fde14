{#- Beside a schema of its name a catalogue makes two things of `scores.leads`. -#}
{% macro check_database() -%}
    {%- set name = target.database or '' -%}
    {%- if execute and name | lower in graph.nodes.values() | map(attribute='schema') -%}
        {{ exceptions.raise_compiler_error(
            'the warehouse file is called `' ~ name ~ '` like one of its schemas, so that '
            ~ 'queries of `' ~ name ~ '.…` are ambiguous: name it otherwise '
            ~ '(LEAD_SCORING_DATABASE)'
        ) }}
    {%- endif -%}
{%- endmacro %}
