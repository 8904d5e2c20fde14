{% macro is_unread() -%}
    {{ 'loaded_at > ' ~ last_read_until() if is_incremental() else '1 = 1' }}
{%- endmacro %}
