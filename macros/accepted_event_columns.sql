{% macro accepted_event_columns() -%}
    event_key, identifier_id, event_type, source, event_id,
    {{ event_content() | reject('equalto', 'event_name') | join(', ') }},
    shop_amount, event_date, occurred_at, loaded_at
{%- endmacro %}
