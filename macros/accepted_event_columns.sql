{#- prefix: '' or the name of a relation with a dot after it. -#}
{% macro accepted_event_columns(prefix) -%}
    {%- set columns = ['event_key', 'identifier_id', 'event_type', 'source', 'event_id']
        + (event_content() | reject('equalto', 'event_name') | list)
        + ['shop_amount', 'event_date', 'occurred_at', 'loaded_at'] -%}
    {{ prefix }}{{ columns | join(', ' ~ prefix) }}
{%- endmacro %}
