{% macro reaches_threshold(hits) -%}
    {{ hits }} >= coalesce(engagement_rules.min_hits, 1)
    and {{ hits }} <= coalesce(engagement_rules.max_hits, {{ hits }})
{%- endmacro %}
