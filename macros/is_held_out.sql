{#- No state: whoever was held out once is held out for ever, and each segment draws
    anew; nothing is drawn where nobody is held out. -#}
{% macro is_held_out(segment, lead_id, holdout_percent) -%}
    {%- set drawn = segment ~ " || ':' || " ~ lead_id -%}
    case
        when {{ holdout_percent }} > 0
            then {{ stable_bucket(drawn) }} < {{ holdout_percent }}
        else false
    end
{%- endmacro %}
