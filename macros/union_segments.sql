{% macro union_segments(segments) -%}
    {% for segment in segments -%}
        select
            lead_id,
            '{{ segment }}' as segment
        from {{ ref('seg_' ~ segment) }}
        {% if not loop.last %}union all{% endif %}
    {% endfor -%}
{%- endmacro %}
