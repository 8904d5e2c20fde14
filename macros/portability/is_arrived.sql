{#- Newly arrived events are counted on their own and added to the existing rows. -#}
{% macro is_arrived() -%}
    {{ return(adapter.dispatch('is_arrived', 'lead_scoring')()) }}
{%- endmacro %}

{% macro default__is_arrived() -%}
    {{ is_unread() }}
{%- endmacro %}

{#- A killed run is repeated, and without transactions its events would be added twice:
    so touched dates are counted again as a whole. -#}
{% macro spark__is_arrived() -%}
    {%- if is_incremental() -%}
        {{ is_on_dates(
            '(' ~ event_dates_touched(ref('stg_landing__events')) ~ ')', 0
        ) }}
    {%- else -%}
        1 = 1
    {%- endif -%}
{%- endmacro %}
