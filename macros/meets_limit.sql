{#- The same answers as meets_condition, without converting numbers to text first.
    Engines sort nan above every number; here it counts as no number. -#}
{% macro meets_limit(value, operator, limit) -%}
    {%- set most = "cast('1.7976931348623157e308' as double)" -%}
    coalesce(case {{ operator }}
        when 'at_least' then {{ value }} >= {{ limit }} and {{ value }} <= {{ most }}
        when 'more_than' then {{ value }} > {{ limit }} and {{ value }} <= {{ most }}
        when 'at_most' then {{ value }} <= {{ limit }} and {{ value }} >= -{{ most }}
        when 'less_than' then {{ value }} < {{ limit }} and {{ value }} >= -{{ most }}
        when 'is_set' then {{ value }} is not null
        when 'is_not_set' then {{ value }} is null
    end, false)
{%- endmacro %}
