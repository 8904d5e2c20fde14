{% macro event_dates_touched(events) -%}
    select distinct event_date
    from {{ events }}
    where
        event_date is not null
        and {{ is_unread() }}
{%- endmacro %}
