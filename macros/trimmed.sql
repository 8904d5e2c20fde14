{#- Trimming costs more than anything else done to an event: only what needs it. -#}
{% macro trimmed(text) -%}
    case
        when {{ text }} like ' %' or {{ text }} like '% ' or {{ text }} = ''
            then nullif(trim({{ text }}), '')
        else {{ text }}
    end
{%- endmacro %}
