{#- dates: a CTE of event dates, none more than margin_days from a touched one. The spans
    of occurred_at say nothing new, but let an engine skip files: one for dates that lie
    close together, one for all when a stray row here and there makes too many. -#}
{% macro is_on_dates(dates, margin_days, most_spans=8) -%}
    {%- if not (execute and is_incremental()) -%}
        {{ return('1 = 1') }}
    {%- endif -%}
    {%- set spans -%}
        with

        touched as (
            {{ event_dates_touched(ref('stg_landing__events')) }}
        ),

        spaced as (
            select
                event_date,
                {{ days_between('lag(event_date) over (order by event_date)',
                    'event_date') }} as gap_days
            from touched
        ),

        numbered as (
            select
                event_date,
                sum(case when gap_days > 7 then 1 else 0 end) over (
                    order by event_date
                ) as span
            from spaced
        )

        select
            cast({{ add_days('min(event_date)', '-1 - ' ~ margin_days) }} as string),
            cast({{ add_days('max(event_date)', '2 + ' ~ margin_days) }} as string)
        from numbered
        group by span
        order by span
    {%- endset -%}
    {%- set spans = run_query(spans).rows | map('list') | list -%}
    {%- if not spans -%}
        {{ return('1 = 0') }}
    {%- endif -%}
    {%- if spans | length > most_spans -%}
        {%- set spans = [[spans[0][0], spans[-1][1]]] -%}
    {%- endif -%}
    event_date in (select {{ dates }}.event_date from {{ dates }})
    and (
        {%- for first_day, end_day in spans %}
        {{ 'or ' if not loop.first -}}
        occurred_at >= timestamp '{{ first_day }} 00:00:00'
        and occurred_at < timestamp '{{ end_day }} 00:00:00'
        {%- endfor %}
    )
{%- endmacro %}
