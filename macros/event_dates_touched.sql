{#- A row dated too early or too late is rejected whatever else is on its date. -#}
{% macro event_dates_touched(events) -%}
    select distinct event_date
    from {{ events }}
    where
        event_date >= cast('{{ var('earliest_event_date') }}' as date)
        and occurred_at <= {{ add_hours('loaded_at', var('future_tolerance_hours')) }}
        and {{ is_unread() }}
{%- endmacro %}
