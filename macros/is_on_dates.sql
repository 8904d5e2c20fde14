{#- dates: a CTE of event dates, none more than margin_days from a touched one. The bounds
    on occurred_at say nothing new, but let an engine skip files. -#}
{% macro is_on_dates(dates, margin_days) -%}
    {%- if not (execute and is_incremental()) -%}
        {{ return('1 = 1') }}
    {%- endif -%}
    {%- set bounds -%}
        select
            cast({{ add_days('min(event_date)', '-1 - ' ~ margin_days) }} as string),
            cast({{ add_days('max(event_date)', '2 + ' ~ margin_days) }} as string)
        from ({{ event_dates_touched(ref('stg_landing__events')) }}) as touched
    {%- endset -%}
    {%- set first_day, end_day = run_query(bounds).rows[0] -%}
    {%- if first_day is none -%}
        {{ return('1 = 0') }}
    {%- endif -%}
    event_date in (select {{ dates }}.event_date from {{ dates }})
    and occurred_at >= timestamp '{{ first_day }} 00:00:00'
    and occurred_at < timestamp '{{ end_day }} 00:00:00'
{%- endmacro %}
