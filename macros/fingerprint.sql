{#- Each value comes with its length, so that ('ab', 'c') differs from ('a', 'bc'). -#}
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
