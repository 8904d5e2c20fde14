{% macro age_in_years(birth_date, on_date) -%}
    year({{ on_date }}) - year({{ birth_date }}) - case
        when
            month({{ on_date }}) * 100 + day({{ on_date }})
            < month({{ birth_date }}) * 100 + day({{ birth_date }})
            then 1
        else 0
    end
{%- endmacro %}
