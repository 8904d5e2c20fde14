{#- What arrived is counted by itself and added to what is there. -#}
{% macro is_arrived() -%}
    {{ return(adapter.dispatch('is_arrived', 'lead_scoring')()) }}
{%- endmacro %}

{% macro default__is_arrived() -%}
    {{ is_unread() }}
{%- endmacro %}

{#- Adding twice would count twice, and a killed run is repeated: dates are counted anew. -#}
{% macro spark__is_arrived() -%}
    {%- if is_incremental() -%}
        {{ is_on_dates(
            '(' ~ event_dates_touched(ref('stg_landing__events')) ~ ')', 0
        ) }}
    {%- else -%}
        1 = 1
    {%- endif -%}
{%- endmacro %}
