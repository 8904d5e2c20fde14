{#- Counted from a fixed Sunday, so that the dates do not move along with `date`. -#}
{% macro spaced_date(date, step_days, steps_back) -%}
    {#- Before that Sunday the number of days is negative, and so is the remainder. -#}
    {{ add_days(
        date,
        '-((' ~ days_between("cast('1970-01-04' as date)", date) ~ ' % ' ~ step_days
        ~ ' + ' ~ step_days ~ ') % ' ~ step_days ~ ') - ' ~ step_days ~ ' * ' ~ steps_back,
    ) }}
{%- endmacro %}
