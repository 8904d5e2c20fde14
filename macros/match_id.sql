{% macro match_id(event_type, property, operator, operand) -%}
    {{ hash_id([
        "coalesce(trim(" ~ event_type ~ "), '')",
        "coalesce(trim(" ~ property ~ "), '')",
        "coalesce(trim(" ~ operator ~ "), '')",
        "coalesce(trim(" ~ operand ~ "), '')",
    ]) }}
{%- endmacro %}
