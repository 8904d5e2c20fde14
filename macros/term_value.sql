{#- An unknown feature counts as 0, and 0 gives 0 in every log and every ramp. -#}
{% macro term_value(kind, value, text, operand, min_value, max_value) -%}
    {%- set low = "coalesce(" ~ min_value ~ ", 0)" -%}
    {%- set high = "coalesce(" ~ max_value ~ ", greatest(" ~ value ~ ", " ~ low ~ "))" -%}
    case
        when {{ kind }} = 'constant' then 1
        when {{ kind }} = 'missing' then case when {{ value }} is null then 1 else 0 end
        when {{ kind }} = 'is' then case when {{ text }} = {{ operand }} then 1 else 0 end
        when {{ value }} is null then 0
        when {{ kind }} = 'log' then ln(1 + least({{ high }}, greatest(0, {{ value }})))
        when {{ kind }} = 'ramp'
            then
                least({{ high }}, greatest({{ low }}, {{ value }}))
                - least({{ high }}, greatest({{ low }}, 0))
    end
{%- endmacro %}
