{#- Post-hook of int_reading: changed acceptance rules apply to every event, old and
    new. -#}
{% macro refuse_lost_events() -%}
    {%- if execute and events_are_gone(this)
        and run_query('select read_from < noted_until from ' ~ this).rows[0][0] -%}
        {{ exceptions.raise_compiler_error(
            'What decides about events has changed (event_names, exchange_rates, '
            ~ 'machine_user_agents, duplicate_window_days, currency or a var), or a load came '
            ~ 'after later ones had been read. All events must be read again, but '
            ~ 'files that were read before are not in the landing zone: '
            ~ 'put them back, or build with --full-refresh to go on without them.'
        ) }}
    {%- endif -%}
{%- endmacro %}
