{#- Jinja cannot open a file, but any agate table (here an empty one) can read one. Each
    line becomes one cell: the delimiter does not occur, and quoting is off. -#}
{% macro seed_lines() -%}
    {%- do store_result('nothing', response='') -%}
    {%- set read = load_result('nothing').table.from_csv(
        model.root_path ~ '/' ~ model.original_file_path, column_names=['line'],
        header=false, encoding='utf-8-sig', delimiter='\x1f', quoting=3
    ) -%}
    {%- set lines = [] -%}
    {%- for row in read.rows -%}
        {%- do lines.append((row['line'] or '') | string) -%}
    {%- endfor -%}
    {{ return(lines) }}
{%- endmacro %}
