-- Letters and control characters are, whatever takes more than a byte is not. Fails
-- when a text that needs a second look passes for a plain one.
with

cases as (
    select cases.*
    from (
        values
        ('a b', true),
        ('', true),
        ('{{ "\t~\u007f" }}', true),
        ('{{ "a\u00a0" }}', false),
        ('{{ "\u00e9" }}', false),
        ('{{ "\U0001f600" }}', false),
        (null, null)
    ) as cases (text, expected)
),

computed as (
    select
        *,
        {{ is_ascii('text') }} as given
    from cases
)

select *
from computed
where given is distinct from expected
