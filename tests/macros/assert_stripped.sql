-- Spaces of every kind at the ends go, all else stays. Fails when a pasted space that
-- does not break a line stands for a value, or a tab is taken for a space.
with

cases as (
    select cases.*
    from (
        values
        (' a b ', 'a b'),
        ('{{ "\u00a0a\u00a0b\u00a0" }}', '{{ "a\u00a0b" }}'),
        ('{{ "\u3000a \u2003" }}', 'a'),
        ('{{ "\u202f\u2007" }}', ''),
        ('{{ "\ta\t" }}', '{{ "\ta\t" }}'),
        ('{{ "\u200ba" }}', '{{ "\u200ba" }}'),
        ('', ''),
        (null, null)
    ) as cases (text, expected)
),

computed as (
    select
        *,
        {{ stripped('text') }} as given
    from cases
)

select *
from computed
where given is distinct from expected
