{% macro named_destinations(segments) -%}
    select
        {{ segments }}.segment,
        trim(split_part({{ segments }}.destinations, '|', numbers.number + 1))
            as destination
    from {{ segments }}
    inner join
        {{ numbers_below('(select max(length(destinations)) from ' ~ segments ~ ')') }}
            as numbers
        on
            numbers.number <= length({{ segments }}.destinations)
            - length(replace({{ segments }}.destinations, '|', ''))
    where
        trim(split_part({{ segments }}.destinations, '|', numbers.number + 1)) != ''
{%- endmacro %}
