{#- The last shape is that of every other destination. -#}
{% macro export_shapes() -%}
    {%- set name = ['email', 'phone', 'first_name', 'last_name'] -%}
    {%- set place = ['gender', 'country', 'region', 'city', 'postal_code'] -%}
    {%- set work = ['company', 'job_title', 'stage'] -%}
    {{ return({
        'meta': name + place + ['birth_date'],
        'meta_lookalike': name + place + ['value', 'birth_date'],
        'google': name + ['country', 'postal_code'],
        'pricing': ['price_tier', 'cell'],
        'sales': name + ['country'] + work + [
            'cell', 'next_action', 'top_reason_1', 'top_reason_2', 'top_reason_3',
            'last_action', 'lead_score', 'last_action_date',
        ],
        'contacts': name + place + ['language'] + work + [
            'temperature', 'cell', 'next_action', 'price_tier', 'top_reason_1',
            'lead_score', 'engagement_score', 'fit_score', 'orders_count',
            'orders_amount', 'birth_date', 'last_activity_date',
        ],
    }) }}
{%- endmacro %}
