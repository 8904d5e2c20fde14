{#- dbt's own reader comes last: files that it would fail on are refused before. -#}
{% macro seed_rows() -%}
    {%- set types = model.config.column_types -%}
    {%- set lines = seed_lines() -%}
    {%- do refuse_seed(seed_header_problems(lines, types.keys() | list)) -%}
    {%- do refuse_seed(seed_line_problems(lines)) -%}
    {%- set file = load_agate_table() -%}
    {%- do store_result('agate_table', response='OK', agate_table=file) -%}
    {%- set numbered = seed_numbered_rows(file) -%}
    {%- do refuse_seed(seed_cell_problems(numbered, types) + seed_key_problems(numbered)) -%}
    {%- set rows = [] -%}
    {%- for row in file.rows if row.values() | reject('none') | list -%}
        {%- set cells = [] -%}
        {%- for name, type in types.items() -%}
            {%- set text = (row[name] or '').strip() -%}
            {%- do cells.append('null' if not text else text_literal(text)) -%}
        {%- endfor -%}
        {%- do rows.append('(' ~ cells | join(', ') ~ ')') -%}
    {%- endfor -%}
    select
        {% for name, type in types.items() -%}
            cast({{ name if rows else 'null' }} as {{ type }}) as {{ name }}{{ ',' if not loop.last }}
        {% endfor -%}
    {{ 'from (values ' ~ rows | join(', ') ~ ') as file (' ~ types.keys() | join(', ') ~ ')'
        if rows else 'where 1 = 0' }}
{%- endmacro %}
