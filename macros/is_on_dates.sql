{#- The bounds on occurred_at say nothing new, but let an engine skip files. -#}
{% macro is_on_dates(dates) -%}
    event_date in (select {{ dates }}.event_date from {{ dates }})
    and occurred_at >= (
        select cast({{ add_days('min(' ~ dates ~ '.event_date)', -1) }} as timestamp)
        from {{ dates }}
    )
    and occurred_at < (
        select cast({{ add_days('max(' ~ dates ~ '.event_date)', 2) }} as timestamp)
        from {{ dates }}
    )
{%- endmacro %}
