{% macro scaled_score(points, scaling, half_saturation_points, max_points) -%}
    case {{ scaling }}
        when 'linear'
            then least(100, greatest(0, 100 * {{ points }} / {{ max_points }}))
        else 100 * (
            1 - power(
                cast(2 as double),
                - greatest({{ points }}, 0) / {{ half_saturation_points }}
            )
        )
    end
{%- endmacro %}
