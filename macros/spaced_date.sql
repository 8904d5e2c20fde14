{#- Counted from a Sunday, so that the dates stand still while `date` goes on. -#}
{% macro spaced_date(date, step_days, steps_back) -%}
    {#- Before that Sunday days are negative, and so is what remains of them. -#}
    {{ add_days(
        date,
        '-((' ~ days_between("cast('1970-01-04' as date)", date) ~ ' % ' ~ step_days
        ~ ' + ' ~ step_days ~ ') % ' ~ step_days ~ ') - ' ~ step_days ~ ' * ' ~ steps_back,
    ) }}
{%- endmacro %}
