{#- Reads the joined engagement rule: every hit earns, or the points are earned once. -#}
{% macro hits_worth(hits, hits_in_window) -%}
    case
        when engagement_rules.mode = 'each' then engagement_rules.points * {{ hits }}
        when
            {{ hits_in_window }} >= coalesce(engagement_rules.min_hits, 1)
            and {{ hits_in_window }}
            <= coalesce(engagement_rules.max_hits, {{ hits_in_window }})
            then engagement_rules.points
        else 0
    end
{%- endmacro %}
