{% macro meets_condition(value, operator, operand) -%}
    {%- set text = "nullif(trim(lower(" ~ value ~ ")), '')" -%}
    {%- set wanted = "trim(lower(" ~ operand ~ "))" -%}
    {%- set list = "('|' || replace(replace(replace(" ~ wanted ~ ", '  ', ' '), ' |', '|'), '| ', '|') || '|')" -%}
    {%- set number = as_number(text) -%}
    {%- set limit = as_number(wanted) -%}
    coalesce(case {{ operator }}
        when 'equals' then {{ text }} = {{ wanted }}
        when 'not_equals' then {{ text }} != {{ wanted }}
        when 'in' then contains({{ list }}, '|' || {{ text }} || '|')
        when 'not_in' then not contains({{ list }}, '|' || {{ text }} || '|')
        when 'contains' then contains({{ text }}, {{ wanted }})
        when 'not_contains' then not contains({{ text }}, {{ wanted }})
        when 'starts_with' then left({{ text }}, length({{ wanted }})) = {{ wanted }}
        when 'ends_with' then right({{ text }}, length({{ wanted }})) = {{ wanted }}
        when 'at_least' then {{ number }} >= {{ limit }}
        when 'more_than' then {{ number }} > {{ limit }}
        when 'at_most' then {{ number }} <= {{ limit }}
        when 'less_than' then {{ number }} < {{ limit }}
        when 'is_set' then {{ text }} is not null
        when 'is_not_set' then {{ text }} is null
    end, false)
{%- endmacro %}
