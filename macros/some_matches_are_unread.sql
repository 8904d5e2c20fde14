{#- Queried while the model is compiled: without an unread match no file is opened. -#}
{% macro some_matches_are_unread() -%}
    {%- set reading = ref('int_reading') -%}
    {%- set unread = 'select count(*) from ' ~ ref('int_matches_unread') -%}
    {%- if not execute or run_query(unread).rows[0][0] == 0 -%}
        {{ return('1 = 0') }}
    {%- endif -%}
    {%- if events_are_gone(reading) -%}
        {{ exceptions.raise_compiler_error(
            'A rule looks for something no rule looked for before. All events must be read '
            ~ 'again, but files that were read before are not in the landing zone: '
            ~ 'put them back, or build with --full-refresh to go on without them.'
        ) }}
    {%- endif -%}
    {{ return('1 = 1') }}
{%- endmacro %}
