{#- Of the identifiers on an event, the one that says most about the person. -#}
{% macro identifier_id() -%}
    case
        when contact_id is not null then {{ hash_id(["'contact_id'", 'contact_id']) }}
        when email is not null then {{ hash_id(["'email'", 'email']) }}
        else {{ hash_id(["'anonymous_id'", 'anonymous_id']) }}
    end
{%- endmacro %}
