{#- What is dated too early or too late is refused whatever lies beside it. -#}
{% macro event_dates_touched(events) -%}
    select distinct event_date
    from {{ events }}
    where
        event_date >= cast('{{ var('earliest_event_date') }}' as date)
        and occurred_at <= {{ add_hours('loaded_at', var('future_tolerance_hours')) }}
        and {{ is_unread() }}
{%- endmacro %}
