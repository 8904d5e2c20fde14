{#- No state: whoever was held out once is held out for ever, and each segment draws
    anew. -#}
{% macro is_held_out(segment, lead_id, holdout_percent) -%}
    {%- set drawn = segment ~ " || ':' || " ~ lead_id -%}
    ({{ stable_bucket(drawn) }} < {{ holdout_percent }})
{%- endmacro %}
