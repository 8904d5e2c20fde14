{#- Trimming costs more than everything else here. So the operand must come trimmed,
    from a table of a few rows, and `contains` does not trim the value, which changes
    nothing. -#}
{% macro meets_condition(value, operator, operand) -%}
    {%- set text = "nullif(" ~ stripped(lowered(value)) ~ ", '')" -%}
    {%- set list = "('|' || replace(replace(replace(" ~ operand ~ ", '  ', ' '), ' |', '|'), '| ', '|') || '|')" -%}
    {%- set number = as_number(text) -%}
    {%- set limit = as_number(operand) -%}
    coalesce(case {{ operator }}
        when 'equals' then {{ text }} = {{ operand }}
        when 'not_equals' then {{ text }} != {{ operand }}
        when 'in' then contains({{ list }}, '|' || {{ text }} || '|')
        when 'not_in' then not contains({{ list }}, '|' || {{ text }} || '|')
        when 'contains' then contains({{ lowered(value) }}, {{ operand }})
        when 'not_contains' then not contains({{ text }}, {{ operand }})
        when 'starts_with' then left({{ text }}, length({{ operand }})) = {{ operand }}
        when 'ends_with' then right({{ text }}, length({{ operand }})) = {{ operand }}
        when 'at_least' then {{ number }} >= {{ limit }}
        when 'more_than' then {{ number }} > {{ limit }}
        when 'at_most' then {{ number }} <= {{ limit }}
        when 'less_than' then {{ number }} < {{ limit }}
        when 'is_set' then {{ text }} is not null
        when 'is_not_set' then {{ text }} is null
    end, false)
{%- endmacro %}
