{% macro share_high(share, standard_error) -%}
    case
        when {{ standard_error }} is not null
            then least(1, {{ share }} + 1.959963984540054 * {{ standard_error }})
    end
{%- endmacro %}
