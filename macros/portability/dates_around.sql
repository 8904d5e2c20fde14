{% macro dates_around(dates, days) -%}
    {{ return(adapter.dispatch('dates_around', 'lead_scoring')(dates, days)) }}
{%- endmacro %}

{% macro default__dates_around(dates, days) -%}
    select distinct cast(days_around.day as date) as event_date
    from {{ dates }},
        unnest(
            generate_series(
                {{ add_days('event_date', '-' ~ days) }},
                {{ add_days('event_date', days) }},
                interval '1' day
            )
        ) as days_around (day)
{%- endmacro %}

{% macro spark__dates_around(dates, days) -%}
    select distinct explode(
        sequence(
            {{ add_days('event_date', '-' ~ days) }},
            {{ add_days('event_date', days) }}
        )
    ) as event_date
    from {{ dates }}
{%- endmacro %}
