{#- Needs no stored state: a lead that is held out stays held out, and each segment has
    its own draw. Without a holdout no hash is computed. -#}
{% macro is_held_out(segment, lead_id, holdout_percent) -%}
    {%- set drawn = segment ~ " || ':' || " ~ lead_id -%}
    case
        when {{ holdout_percent }} > 0
            then {{ stable_bucket(drawn) }} < {{ holdout_percent }}
        else false
    end
{%- endmacro %}
