-- A text arrives as it is, whatever it holds. Fails when a quotation mark ends it, a
-- backslash escapes what follows, a variable is filled in, or a character is lost.
{%- set cases = [
    ('plain', 5, 'p'),
    ("it's", 4, 'i'),
    ("'", 1, "'"),
    ('a\\b', 3, 'a'),
    ("\\'", 2, '\\'),
    ('C:\\new', 6, 'C'),
    ('two\nlines', 9, 't'),
    ('{{ x }}', 7, '{'),
    ('${env:PATH}', 11, '$'),
    ('\\$1', 3, '\\'),
] %}
with

cases as (
    {% for text, length, first in cases -%}
        select
            {{ text_literal(text) }} as found,
            {{ length }} as expected_length,
            {{ text_literal(first) }} as expected_first
        {% if not loop.last -%} union all {% endif %}
    {%- endfor %}
)

select *
from cases
where
    length(found) != expected_length
    or substring(found, 1, 1) != expected_first
    or length(expected_first) != 1
