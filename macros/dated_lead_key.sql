{#- Today's leads keep the key of their identity; a past date has keys of its own. -#}
{% macro dated_lead_key(identity_key, is_today, as_of_date) -%}
    case
        when {{ is_today }} then {{ identity_key }}
        else {{ hash_id([identity_key, as_of_date]) }}
    end
{%- endmacro %}
