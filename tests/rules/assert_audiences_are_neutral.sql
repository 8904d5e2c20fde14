-- No ad platform is shown a name that suggests health, wealth, religion and the like:
-- they block such audiences. Fails by naming segment and word.
with

segments as (
    select * from {{ ref('segments') }}
),

destinations as (
    select * from {{ ref('destinations') }}
),

sensitive_words as (
    select * from {{ ref('sensitive_words') }}
),

named as (
    {{ named_destinations('segments') }}
),

shown as (
    select distinct
        segments.segment,
        segments.audience,
        concat(
            ' ',
            translate(
                {{ lowered('segments.audience') }}, '-_/.,:;!?()&+', '             '
            ),
            ' '
        ) as spaced_audience
    from segments
    inner join named
        on segments.segment = named.segment
    inner join destinations
        on named.destination = destinations.destination
    where destinations.purpose = 'ads'
),

found as (
    select
        shown.segment,
        shown.audience,
        sensitive_words.word,
        sensitive_words.topic
    from shown
    inner join sensitive_words
        on
            shown.spaced_audience like concat(
                '% ',
                replace({{ lowered('sensitive_words.word') }}, '*', '%'),
                ' %'
            )
)

select
    concat(
        'segments.csv, segment `', segment, '`: audience `', audience, '` says `', word,
        '` (', topic, '), which ad platforms block: choose a neutral name'
    ) as message
from found
