{#- Read from the model's SQL, since a segment's condition is a line there, not a row.
    -#}
{% macro segments_with_conditions() -%}
    {%- set text = graph.nodes['model.lead_scoring.int_segment_standings'].raw_code
        if execute else "when 'irrelevant'" -%}
    {{ return(modules.re.findall("when '([a-z_0-9]+)'", text) | unique | list) }}
{%- endmacro %}
