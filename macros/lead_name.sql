{#- A contact_id may come from anybody's browser, so one that looks like another kind of
    lead_id gets a prefix to distinguish the two. -#}
{% macro lead_name(identifier_type, identifier_value) -%}
    {%- set prefix = '^(anonymous|email|contact_id):' -%}
    case
        when {{ identifier_type }} = 'email'
            then 'email:' || left(md5({{ identifier_value }}), 16)
        when {{ identifier_type }} = 'anonymous_id' then 'anonymous:' || {{ identifier_value }}
        when regexp_extract({{ identifier_value }}, '{{ prefix }}', 1) != ''
            then 'contact_id:' || {{ identifier_value }}
        else {{ identifier_value }}
    end
{%- endmacro %}
