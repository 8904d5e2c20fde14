{% macro named_destinations(segments) -%}
    {%- set item = stripped(
        "split_part(" ~ segments ~ ".destinations, '|', numbers.number + 1)"
    ) -%}
    select
        {{ segments }}.segment,
        {{ item }} as destination
    from {{ segments }}
    inner join
        {{ numbers_below('(select max(length(destinations)) from ' ~ segments ~ ')') }}
            as numbers
        on
            numbers.number <= length({{ segments }}.destinations)
            - length(replace({{ segments }}.destinations, '|', ''))
    where {{ item }} != ''
{%- endmacro %}
