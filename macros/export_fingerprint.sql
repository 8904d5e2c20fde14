{% macro export_fingerprint() -%}
    case destination
        {%- for shape, columns in export_shapes().items() %}
        {{ 'else' if loop.last else "when '" ~ shape ~ "' then" }}
            {{ fingerprint(['audience', 'entered_on'] + columns) }}
        {%- endfor %}
    end
{%- endmacro %}
