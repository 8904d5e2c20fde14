{% macro lead_name(identifier_type, identifier_value) -%}
    case {{ identifier_type }}
        when 'contact_id' then {{ identifier_value }}
        when 'email' then 'email:' || left(md5({{ identifier_value }}), 16)
        else 'anonymous:' || {{ identifier_value }}
    end
{%- endmacro %}
