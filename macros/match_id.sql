{% macro match_id(event_type, property, operator, operand) -%}
    {{ hash_id([
        "coalesce(" ~ stripped(event_type) ~ ", '')",
        "coalesce(" ~ stripped(property) ~ ", '')",
        "coalesce(" ~ stripped(operator) ~ ", '')",
        "coalesce(" ~ stripped(operand) ~ ", '')",
    ]) }}
{%- endmacro %}
