{#- dates: a CTE of event dates, none more than margin_days from a touched one. The bounds
    on occurred_at say nothing new, but let an engine skip files. -#}
{% macro is_on_dates(dates, margin_days) -%}
    {%- set bounds -%}
        select
            cast({{ add_days('min(event_date)', '-1 - ' ~ margin_days) }} as string),
            cast({{ add_days('max(event_date)', '2 + ' ~ margin_days) }} as string)
        from ({{ event_dates_touched(ref('stg_landing__events')) }}) as touched
    {%- endset -%}
    {%- set first_day, end_day = run_query(bounds).rows[0] if execute else (none, none) -%}
    {%- if first_day is none -%}
        1 = 0
    {%- else -%}
        event_date in (select {{ dates }}.event_date from {{ dates }})
        and occurred_at >= timestamp '{{ first_day }} 00:00:00'
        and occurred_at < timestamp '{{ end_day }} 00:00:00'
    {%- endif -%}
{%- endmacro %}
