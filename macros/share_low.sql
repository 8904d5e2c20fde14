{#- 1.96 standard errors on either side hold 95 % of a normal distribution. -#}
{% macro share_low(share, standard_error) -%}
    case
        when {{ standard_error }} is not null
            then greatest(0, {{ share }} - 1.959963984540054 * {{ standard_error }})
    end
{%- endmacro %}
