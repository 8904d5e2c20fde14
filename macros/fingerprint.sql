{#- Each value with its length, so that neighbours cannot run together. -#}
{% macro fingerprint(columns) -%}
    md5(concat(
        {%- for column in columns %}
        coalesce(
            cast(length(cast({{ column }} as string)) as string) || ':'
            || cast({{ column }} as string),
            '-'
        ){{ ',' if not loop.last }}
        {%- endfor %}
    ))
{%- endmacro %}
