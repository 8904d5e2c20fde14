{% macro add_hours(timestamp, hours) -%}
    {{ return(adapter.dispatch('add_hours', 'lead_scoring')(timestamp, hours)) }}
{%- endmacro %}

{% macro default__add_hours(timestamp, hours) -%}
    ({{ timestamp }} + to_hours(cast({{ hours }} as bigint)))
{%- endmacro %}

{% macro spark__add_hours(timestamp, hours) -%}
    ({{ timestamp }} + make_interval(0, 0, 0, 0, cast({{ hours }} as integer), 0, 0))
{%- endmacro %}
