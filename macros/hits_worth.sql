{#- By the rule's mode, every hit earns points, or the points are earned once. -#}
{% macro hits_worth(hits, hits_in_window) -%}
    case
        when engagement_rules.mode = 'each' then engagement_rules.points * {{ hits }}
        when {{ reaches_threshold(hits_in_window) }} then engagement_rules.points
        else 0
    end
{%- endmacro %}
