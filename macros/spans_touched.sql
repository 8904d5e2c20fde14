{#- A gap of more than a week begins a new span. -#}
{% macro spans_touched(margin_days) -%}
    with

    spaced as (
        select
            event_date,
            lag(event_date) over (order by event_date) as last_date
        from ({{ event_dates_touched(ref('stg_landing__events')) }}) as touched
    ),

    numbered as (
        select
            event_date,
            count(case when {{ days_between('last_date', 'event_date') }} > 7 then 1 end)
                over (order by event_date) as span
        from spaced
    )

    select
        cast({{ add_days('min(event_date)', '-1 - ' ~ margin_days) }} as string),
        cast({{ add_days('max(event_date)', '2 + ' ~ margin_days) }} as string)
    from numbered group by span order by span
{%- endmacro %}
