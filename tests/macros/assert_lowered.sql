-- Every letter has the lower case it has alone. Fails when an engine looks at its
-- neighbours, makes two letters of one, or leaves letters beyond ASCII as they are.
with

cases as (
    select cases.*
    from (
        values
        ('Ann@Firm.EXAMPLE', 'ann@firm.example'),
        ('ÄÉŽ', 'äéž'),
        ('ẞß', 'ßß'),
        ('İI', 'ii'),
        ('ı', 'ı'),
        ('ΟΔΟΣ ΑΘΗΝΑΣ', 'οδοσ αθηνασ'),
        ('ς', 'ς'),
        ('ДОМ 🎉', 'дом 🎉'),
        ('', ''),
        (null, null)
    ) as cases (text, expected)
),

computed as (
    select
        *,
        {{ lowered('text') }} as given
    from cases
)

select *
from computed
where given is distinct from expected
