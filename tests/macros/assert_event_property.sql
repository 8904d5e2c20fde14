-- A property is found by its name, as text. Fails when a name reads another column, or
-- when a key of the JSON is taken for a path.
with

events as (
    select
        'app' as source,
        'email' as channel,
        '/sale' as page_url,
        'p1' as product_id,
        'garden' as product_category,
        'spring' as campaign_id,
        'o1' as order_id,
        'EUR' as currency,
        '{"plan": "Gold", "page_url": "/json", "a.b": 1}' as properties
),

cases as (
    select cases.*
    from (
        values
        ('source', 'app'),
        ('channel', 'email'),
        ('page_url', '/sale'),
        ('product_id', 'p1'),
        ('product_category', 'garden'),
        ('campaign_id', 'spring'),
        ('order_id', 'o1'),
        ('currency', 'EUR'),
        ('properties.plan', 'Gold'),
        ('properties.page_url', '/json'),
        ('properties.a.b', '1'),
        ('properties.unheard_of', null),
        ('unheard_of', null),
        (null, null)
    ) as cases (property, expected)
),

computed as (
    select
        cases.property,
        cases.expected,
        {{ event_property('cases.property') }} as given
    from cases
    cross join events
)

select *
from computed
where given is distinct from expected
