{% macro decay_factor(age_days, decay, decay_days, decay_rate) -%}
    case {{ decay }}
        when 'half_life' then power(cast(2 as double), - {{ age_days }} / {{ decay_days }})
        when 'linear' then greatest(0, 1 - {{ age_days }} / {{ decay_days }})
        when 'expire' then case when {{ age_days }} < {{ decay_days }} then 1 else 0 end
        when 'step' then power(1 - {{ decay_rate }}, floor({{ age_days }} / {{ decay_days }}))
        else 1
    end
{%- endmacro %}
