{#- dbt-spark's own writes null as the text None, and a quote in a text ends it. -#}
{% macro spark__load_csv_rows(model, agate_table) -%}
    {%- set types = model.config.column_types -%}
    {%- set rows -%}
        {%- for row in agate_table.rows %}
            (
                {%- for name in agate_table.column_names -%}
                    cast({{ 'null' if row[name] is none
                        else "'" ~ (row[name] | string).replace('\\', '\\\\').replace("'", "\\'") ~ "'" }}
                    as {{ types[name] }})
                    {{- ', ' if not loop.last }}
                {%- endfor -%}
            ){{ ',' if not loop.last }}
        {%- endfor -%}
    {%- endset -%}
    {%- if agate_table.rows | length > 0 -%}
        {%- do run_query('insert into ' ~ this ~ ' values ' ~ rows) -%}
    {%- endif -%}
    {{ return(rows) }}
{%- endmacro %}
