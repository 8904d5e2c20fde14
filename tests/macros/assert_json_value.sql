-- A key of a JSON object comes out as text. Fails when malformed JSON ends the build,
-- or when a dot in a key is taken for a path.
with

cases as (
    select cases.*
    from (
        values
        ('{"plan": "Gold"}', 'plan', 'Gold'),
        ('{"plan": "Gold"}', 'price', null),
        ('{"plan": "Gold"}', 'PLAN', null),
        ('{"price": 5}', 'price', '5'),
        ('{"price": 2.0}', 'price', '2.0'),
        ('{"is_new": true}', 'is_new', 'true'),
        ('{"price": NaN, "plan": "Gold"}', 'plan', 'Gold'),
        ('{"plan": null}', 'plan', null),
        ('{"plan": ""}', 'plan', ''),
        ('{"a.b": "flat", "a": {"b": "nested"}}', 'a.b', 'flat'),
        ('{"two words": "yes"}', 'two words', 'yes'),
        (
            {{ text_literal('{"Qu\'est-ce ?": "oui"}') }},
            {{ text_literal("Qu'est-ce ?") }},
            'oui'
        ),
        (
            {{ text_literal('{"12\\" monitor": "yes"}') }},
            '12" monitor',
            'yes'
        ),
        ('{"a": {"b": [1,  2]}}', 'a', '{"b":[1,2]}'),
        ('{"plan": "Gold", "plan": "Silver"}', 'plan', 'Gold'),
        ({{ text_literal("{'plan': \"Gold\"}") }}, 'plan', null),
        ('{"city": "K\u00f6ln"}', 'city', 'Köln'),
        ('{"plan": "Gold"', 'plan', null),
        ('plan=Gold', 'plan', null),
        ('["plan"]', 'plan', null),
        ('', 'plan', null),
        (null, 'plan', null),
        ('{"plan": "Gold"}', null, null)
    ) as cases (properties, property_key, expected)
),

computed as (
    select
        *,
        {{ json_value('properties', 'property_key') }} as given
    from cases
)

select *
from computed
where given is distinct from expected
