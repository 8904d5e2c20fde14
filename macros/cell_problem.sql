{% macro cell_problem(cell, type) -%}
    {%- set number = '[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)(e[-+]?[0-9]+)?' -%}
    {%- if type == 'integer' and not modules.re.fullmatch('[-+]?[0-9]{1,9}', cell) -%}
        is not a whole number: write it as 2
    {%- elif type == 'double' and not modules.re.fullmatch(number, cell.lower()) -%}
        is not a number: write it as 2 or 2.5
    {%- elif type == 'boolean' and cell.lower() not in ('true', 'false') -%}
        is neither true nor false: write one of them
    {%- elif type == 'date' -%}
        {%- set parts = modules.re.fullmatch('([0-9]{4})-([0-9]{2})-([0-9]{2})', cell) -%}
        {%- set year, month, day = (parts.groups() if parts else (0, 0, 0)) | map('int') -%}
        {%- if year < 1 or not 1 <= month <= 12 or not 1 <= day <= 31
            or (modules.datetime.date(year, month, 1)
                + modules.datetime.timedelta(days=day - 1)).month != month -%}
            is not a date: write it as year-month-day, such as 2026-04-03
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
