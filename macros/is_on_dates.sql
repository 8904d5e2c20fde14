{#- dates: event dates, none more than margin_days from a touched one. The spans of
    occurred_at filter nothing more, but let an engine skip files. Dates that lie close
    together share a span; when stray rows make too many spans, one span covers all. -#}
{% macro is_on_dates(dates, margin_days, most_spans=8) -%}
    {%- if not (execute and is_incremental()) -%}
        {{ return('1 = 1') }}
    {%- endif -%}
    {%- set spans = run_query(spans_touched(margin_days)).rows | map('list') | list -%}
    {%- if not spans -%}
        {{ return('1 = 0') }}
    {%- endif -%}
    {%- if spans | length > most_spans -%}
        {%- set spans = [[spans[0][0], spans[-1][1]]] -%}
    {%- endif -%}
    event_date in (select dates.event_date from {{ dates }} as dates)
    and (
        {%- for first_day, end_day in spans %}
        {{ 'or ' if not loop.first -}}
        occurred_at >= timestamp '{{ first_day }} 00:00:00'
        and occurred_at < timestamp '{{ end_day }} 00:00:00'
        {%- endfor %}
    )
{%- endmacro %}
