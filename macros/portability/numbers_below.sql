{% macro numbers_below(bound) -%}
    {{ return(adapter.dispatch('numbers_below', 'lead_scoring')(bound)) }}
{%- endmacro %}

{% macro default__numbers_below(bound) -%}
    (select cast(unnest(range(coalesce({{ bound }}, 0))) as integer) as number)
{%- endmacro %}

{#- sequence() counts down when its end is below its start. -#}
{% macro spark__numbers_below(bound) -%}
    (
        select numbers.number
        from (select explode(sequence(0, coalesce({{ bound }}, 0))) as number) as numbers
        where numbers.number < coalesce({{ bound }}, 0)
    )
{%- endmacro %}
