{#- Trimming costs more than anything else done to an event, so only texts that may need
    it are trimmed. ASCII spaces, and little else, sort before `!`. -#}
{% macro trimmed(text) -%}
    case
        when {{ text }} < '!' or {{ text }} like '% ' or not {{ is_ascii(text) }}
            then nullif({{ stripped(text) }}, '')
        else {{ text }}
    end
{%- endmacro %}
