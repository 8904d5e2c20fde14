{#- Asked before the query is written, so that without such a match no file is opened. -#}
{% macro some_matches_are_unread() -%}
    {%- set unread = 'select count(*) from ' ~ ref('int_matches_unread') -%}
    {{ '1 = 1' if execute and run_query(unread).rows[0][0] > 0 else '1 = 0' }}
{%- endmacro %}
