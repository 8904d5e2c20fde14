{#- What is wrong with a condition of a rule row, or null. -#}
{% macro condition_problem(subject, operator, operand) -%}
    case
        when {{ subject }} is null and coalesce({{ operator }}, {{ operand }}) is not null
            then 'has an operator or operand but nothing to compare: name that too'
        when {{ subject }} is not null and {{ operator }} is null
            then 'names what to compare but no operator: give one, such as equals'
        when {{ operator }} not in (
            'equals', 'not_equals', 'in', 'not_in', 'contains', 'not_contains',
            'starts_with', 'ends_with', 'at_least', 'more_than', 'at_most',
            'less_than', 'is_set', 'is_not_set'
        )
            then concat('unknown operator `', {{ operator }}, '`: see the README')
        when {{ operator }} not in ('is_set', 'is_not_set') and {{ operand }} is null
            then concat('operator `', {{ operator }}, '` needs an operand')
        when {{ operator }} in ('is_set', 'is_not_set') and {{ operand }} is not null
            then concat('operator `', {{ operator }}, '` takes no operand: clear it')
        when
            {{ operator }} in ('at_least', 'more_than', 'at_most', 'less_than')
            and {{ as_number(lowered(operand)) }} is null
            then concat('operand `', {{ operand }}, '` is not a number')
        when {{ operator }} in ('in', 'not_in') and ({{ operand }} like '%  %'
            or translate({{ operand }}, ',', ';') like '%;%' and {{ operand }} not like '%|%')
            then concat('write the list `', {{ operand }}, '` as a|b|c, without spaces')
    end
{%- endmacro %}
