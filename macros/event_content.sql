{% macro event_content() -%}
    {{ return([
        'event_name', 'contact_id', 'email', 'anonymous_id', 'amount', 'currency',
        'quantity', 'order_id', 'product_id', 'product_category', 'campaign_id',
        'channel', 'page_url', 'session_id', 'dwell_seconds', 'user_agent',
        'properties', 'is_machine',
    ]) }}
{%- endmacro %}
