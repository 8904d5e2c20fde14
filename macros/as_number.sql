{#- Engines also read nan, infinity, 1_000, 5d and 0x1p3 as numbers, each in its own
    way. -#}
{% macro as_number(text) -%}
    case
        when
            {%- for mark in 'ndfx_' %}
            {{ 'and ' if not loop.first }}not contains({{ text }}, '{{ mark }}')
            {%- endfor %}
            then try_cast({{ text }} as double)
    end
{%- endmacro %}
