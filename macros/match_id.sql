{% macro match_id(event_type, property, operator, operand) -%}
    {{ hash_id([
        "coalesce(" ~ event_type ~ ", '')",
        "coalesce(" ~ property ~ ", '')",
        "coalesce(" ~ operator ~ ", '')",
        "coalesce(" ~ operand ~ ", '')",
    ]) }}
{%- endmacro %}
