{#- Engines also read nan, infinity and 1_000 as numbers, each in its own way. -#}
{% macro as_number(text) -%}
    case
        when not contains({{ text }}, 'n') and not contains({{ text }}, '_')
            then try_cast({{ text }} as double)
    end
{%- endmacro %}
